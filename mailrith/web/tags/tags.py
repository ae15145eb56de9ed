"""The list of tags, and the drawer of one: create, rename, delete."""

from uuid import UUID

from flask import Blueprint, Response, abort, g, make_response, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts.permissions import can
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.subscribers import queries, tagging
from mailrith.subscribers.models import Tag
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to
from mailrith.web.tags.forms import TagForm

blueprint = Blueprint("tags", __name__, url_prefix="/tags")


@blueprint.get("")
@needs("tags", "view")
def index() -> Response:
    """Every tag with the number of its people."""
    return _page("tags/index.html")


@blueprint.get("/new")
@needs("tags", "manage")
def create() -> Response:
    """The empty form."""
    return _page("tags/edit.html", form=TagForm(), tag=None)


@blueprint.post("")
@needs("tags", "manage")
def add() -> BaseResponse:
    """A new tag."""
    form = TagForm()
    try:
        made = tagging.create(
            g.workspace.id, name=text(form.name), description=text(form.description)
        )
    except Invalid as error:
        apply_invalid(form, error)
        return _page("tags/edit.html", status=422, form=form, tag=None)
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"The tag {made.name} is there.")


@blueprint.get("/<uuid:public_id>")
@needs("tags", "view")
def edit(public_id: UUID) -> Response:
    """The form of one."""
    tag = _load(public_id)
    form = TagForm(formdata=None, name=tag.name, description=tag.description)
    return _page("tags/edit.html", form=form, tag=tag)


@blueprint.post("/<uuid:public_id>")
@needs("tags", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Rename or describe."""
    tag = _load(public_id)
    form = TagForm()
    try:
        tagging.edit(tag, name=text(form.name), description=text(form.description))
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _page("tags/edit.html", status=422, form=form, tag=tag)
    db.session.commit()
    return redirect_to(url_for(".index"), message="Saved.")


@blueprint.get("/<uuid:public_id>/delete")
@needs("tags", "manage")
def confirm_delete(public_id: UUID) -> Response:
    """Ask first, or say what stands in the way."""
    tag = _load(public_id)
    return _page(
        "tags/delete.html", tag=tag, people=queries.people_with(tag), uses=tagging.uses_of(tag)
    )


@blueprint.post("/<uuid:public_id>/delete")
@needs("tags", "manage")
def delete(public_id: UUID) -> BaseResponse:
    """Take it from everybody."""
    tag = _load(public_id)
    name = tag.name
    try:
        tagging.delete(tag)
    except Conflict:
        return redirect_to(url_for(".confirm_delete", public_id=public_id))
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"The tag {name} is deleted.")


def _load(public_id: UUID) -> Tag:
    return queries.get_tag(g.workspace.id, public_id) or abort(404)


def _page(template: str, *, status: int = 200, **context: object) -> Response:
    page = render_template(
        template,
        rows=queries.tags_with_counts(g.workspace.id),
        may_manage=can(g.member, "tags", "manage"),
        **context,
    )
    return make_response(page, status)
