"""The list of subscribers, and the drawer of one: see, add, edit, stop, delete."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import actions
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import page_or_partial, redirect_to
from mailrith.web.subscribers import editing, listing, person
from mailrith.web.subscribers.forms import AddForm, EditForm
from mailrith.web.subscribers.loading import load, signature, today

blueprint = Blueprint("subscribers", __name__, url_prefix="/subscribers")


@blueprint.get("")
@needs("subscribers", "view")
def index() -> Response:
    """The list: search, chips, pages."""
    return page_or_partial("subscribers/index.html", "subscribers/_found.html", **listing.context())


@blueprint.get("/new")
@needs("subscribers", "manage")
def create() -> Response:
    """The empty form."""
    return _form_page("subscribers/create.html", AddForm(collected_on=today()))


@blueprint.post("")
@needs("subscribers", "manage")
def add() -> BaseResponse:
    """Somebody new."""
    form = AddForm()
    if not form.validate_on_submit():
        return _form_page("subscribers/create.html", form, status=422)
    try:
        added = editing.add(form)
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _form_page("subscribers/create.html", form, status=422)
    db.session.commit()
    return redirect_to(_address(added), message=f"{added.name or added.email} is added.")


@blueprint.get("/<uuid:public_id>")
@needs("subscribers", "view")
def show(public_id: UUID) -> Response:
    """The drawer over the list."""
    found = load(public_id)
    page = render_template("subscribers/show.html", **listing.context() | person.context(found))
    return make_response(page)


@blueprint.get("/<uuid:public_id>/edit")
@needs("subscribers", "manage")
def edit(public_id: UUID) -> Response:
    """The form in the drawer."""
    found = load(public_id)
    return _form_page("subscribers/edit.html", editing.filled(found), found)


@blueprint.post("/<uuid:public_id>")
@needs("subscribers", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Keep the changes."""
    found = load(public_id)
    form = EditForm()
    try:
        editing.save(form, found)
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _form_page("subscribers/edit.html", form, found, status=422)
    db.session.commit()
    return redirect_to(_address(found), message="Saved.")


@blueprint.post("/<uuid:public_id>/unsubscribe")
@needs("subscribers", "manage")
def unsubscribe(public_id: UUID) -> BaseResponse:
    """Stop mailing somebody who asked you to."""
    found = load(public_id)
    words = f"Stopped by {signature()}"
    if actions.change_status(found, SubscriberStatus.UNSUBSCRIBED, words, words):
        db.session.commit()
        return redirect_to(_address(found), message="They get no more mail from this workspace.")
    return redirect_to(_address(found), message=f"They are {found.status} already.")


@blueprint.get("/<uuid:public_id>/delete")
@needs("subscribers", "manage")
def confirm_delete(public_id: UUID) -> Response:
    """Ask first, and say what is lost."""
    found = load(public_id)
    page = render_template("subscribers/delete.html", **person.context(found))
    return make_response(page)


@blueprint.post("/<uuid:public_id>/delete")
@needs("subscribers", "manage")
def delete(public_id: UUID) -> BaseResponse:
    """Remove the person with their history."""
    found = load(public_id)
    actions.delete(found)
    editing.audit("subscriber.deleted", found.email)
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{found.name or found.email} is deleted.")


def _address(found: Subscriber) -> str:
    return url_for("subscribers.show", public_id=found.public_id)


def _form_page(
    template: str, form: AddForm | EditForm, found: Subscriber | None = None, *, status: int = 200
) -> Response:
    if isinstance(form, EditForm) and found is not None:
        form.status.choices = editing.status_choices(found)
    page = render_template(template, form=form, person=found, today=today(), **listing.context())
    return make_response(page, status)
