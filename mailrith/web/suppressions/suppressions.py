"""The suppression list: look, add, take off with a reason, export."""

from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    render_template,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.suppression import exporting, removing
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import page_or_partial, redirect_to
from mailrith.web.subscribers.loading import user
from mailrith.web.suppressions import adding, listing
from mailrith.web.suppressions.forms import AddForm, RemoveForm

blueprint = Blueprint("suppressions", __name__, url_prefix="/suppressions")


@blueprint.get("")
@needs("subscribers", "view")
def index() -> Response:
    """The list: search, chips, pages."""
    context = listing.context()
    return page_or_partial("suppressions/index.html", "suppressions/_found.html", **context)


@blueprint.get("/suppressions.csv")
@needs("subscribers", "manage")
def export() -> Response:
    """All of it, as a file that can be brought back."""
    lines = stream_with_context(exporting.as_csv(g.workspace.id))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="suppressions.csv"'
    return response


@blueprint.get("/new")
@needs("subscribers", "manage")
def create() -> Response:
    """The empty form."""
    return _page("suppressions/create.html", form=AddForm(formdata=None))


@blueprint.post("")
@needs("subscribers", "manage")
def add() -> BaseResponse:
    """One address, many of them, or a file."""
    form = AddForm()
    try:
        added = adding.add(form)
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _page("suppressions/create.html", status=422, form=form)
    db.session.commit()
    return redirect_to(url_for(".index"), message=added.sentence)


@blueprint.get("/<code>/remove")
@needs("subscribers", "manage")
def confirm_remove(code: str) -> Response:
    """Ask why, and say what it does not do."""
    entry = listing.load(code)
    return _page("suppressions/remove.html", form=RemoveForm(formdata=None), entry=entry)


@blueprint.post("/<code>/remove")
@needs("subscribers", "manage")
def remove(code: str) -> BaseResponse:
    """Take it off."""
    entry, form = listing.load(code), RemoveForm()
    try:
        removing.remove(g.workspace, entry, text(form.why), user_id=user().id)
    except Invalid as error:
        apply_invalid(form, error)
        return _page("suppressions/remove.html", status=422, form=form, entry=entry)
    except Conflict as error:
        return redirect_to(url_for(".index"), message=error.message, tone="bad")
    db.session.commit()
    return redirect_to(url_for(".index"), message="It is off the list. Nobody's status changed.")


def _page(template: str, *, status: int = 200, **context: object) -> Response:
    return make_response(render_template(template, **listing.context(), **context), status)
