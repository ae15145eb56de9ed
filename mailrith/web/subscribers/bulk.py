"""Actions on those who are ticked, or on everybody who matches the filter."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response as BaseResponse

from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import bulk, queries, tagging
from mailrith.subscribers.models import Tag
from mailrith.web.access import needs
from mailrith.web.filters import number, plural
from mailrith.web.respond import redirect_to
from mailrith.web.subscribers import editing, listing

blueprint = Blueprint("subscriber_bulk", __name__, url_prefix="/subscribers/bulk")

TYPED_ABOVE = 100  # people; deleting more asks for the number
MOST = 1000  # ticks of one request

Conditions = Sequence[ColumnElement[bool]]
Mark = Callable[[int, Conditions, Tag], int]


@blueprint.post("/tag")
@needs("subscribers", "manage")
def tag() -> BaseResponse:
    """Give a tag, new or existing."""
    return _mark(bulk.tag, _tag(create=True), "got")


@blueprint.post("/untag")
@needs("subscribers", "manage")
def untag() -> BaseResponse:
    """Take a tag."""
    return _mark(bulk.untag, _tag(create=False), "lost")


@blueprint.post("/delete")
@needs("subscribers", "manage")
def delete() -> BaseResponse:
    """Ask, naming what is lost; then delete."""
    conditions = _conditions()
    people = queries.count_where(conditions)
    if not people:
        return _done("Nobody was ticked.")
    error = _not_confirmed(people)
    if error is not None:
        return _ask(people, error)
    gone = bulk.delete(g.workspace.id, conditions)
    editing.audit("subscribers.deleted", "", people=gone)
    return _done(f"{plural(gone, 'person is', 'people are')} deleted.")


def _mark(act: Mark, chosen: Tag | str, verb: str) -> BaseResponse:
    if isinstance(chosen, str):
        return redirect_to(listing.wanted(request.form).address(), message=chosen, tone="error")
    people = act(g.workspace.id, _conditions(), chosen)
    return _done(f"{plural(people, 'person', 'people')} {verb} the tag {chosen.name}.")


def _conditions() -> Conditions:
    if request.form.get("all"):
        return queries.matching(g.workspace.id, listing.wanted(request.form).filter)
    return queries.picked(g.workspace.id, _ticked())


def _ticked() -> list[UUID]:
    found = []
    for text in request.form.getlist("id")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _tag(*, create: bool) -> Tag | str:
    """The tag of the request, or the sentence why there is none."""
    name = request.form.get("tag_name", "")
    if not name.strip():
        return "Name the tag first."
    if not create:
        return queries.tag_named(g.workspace.id, name.strip()) or "There is no tag of that name."
    try:
        return tagging.get_or_create(g.workspace.id, name)
    except Invalid as error:
        return error.message


def _not_confirmed(people: int) -> str | None:
    """None when the person has agreed to this very number; else what to say above the question."""
    if request.form.get("confirmed") != str(people):
        return ""
    if people <= TYPED_ABOVE:
        return None
    typed = "".join(c for c in request.form.get("confirm_count", "") if c.isdigit())
    return None if typed == str(people) else f"Type {number(people)} to delete them."


def _ask(people: int, error: str) -> Response:
    page = render_template(
        "subscribers/bulk/delete.html",
        people=people,
        error=error,
        ids=_ticked(),
        everybody=bool(request.form.get("all")),
        wanted=listing.wanted(request.form),
        typed=people > TYPED_ABOVE,
    )
    return make_response(page, 422 if error else 200)


def _done(message: str) -> BaseResponse:
    db.session.commit()
    return redirect_to(listing.wanted(request.form).address(), message=message)
