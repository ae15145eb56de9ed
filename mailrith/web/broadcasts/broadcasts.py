"""The list of broadcasts, and what can be done with a row of it."""

from uuid import UUID

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from mailrith.broadcasts import actions, queries
from mailrith.broadcasts.queries import Chip
from mailrith.core.db import db
from mailrith.web.access import needs
from mailrith.web.broadcasts import standing
from mailrith.web.broadcasts.loading import load, may_manage, place_of
from mailrith.web.respond import page_or_partial, redirect_to

blueprint = Blueprint("broadcasts", __name__, url_prefix="/broadcasts")


@blueprint.get("")
@needs("broadcasts", "view")
def index() -> Response:
    """The list: chips, search, pages."""
    chip = _chip(request.args.get("status", ""))
    text = request.args.get("q", "")
    page = queries.page(
        g.workspace.id,
        chip,
        text,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return page_or_partial(
        "broadcasts/index.html",
        "broadcasts/_found.html",
        page=page,
        rows=standing.rows(g.workspace.id, page.items),
        counts=queries.counts(g.workspace.id),
        chip=chip,
        text=text,
        Chip=Chip,
        may_manage=may_manage(),
    )


@blueprint.post("")
@needs("broadcasts", "manage")
def create() -> BaseResponse:
    """A new draft, open for writing."""
    broadcast = actions.create(g.workspace, current_user.id)
    db.session.commit()
    return redirect_to(place_of(broadcast))


@blueprint.get("/<uuid:public_id>")
@needs("broadcasts", "view")
def show(public_id: UUID) -> BaseResponse:
    """To the page that suits its status."""
    return redirect(place_of(load(public_id)), 302)


@blueprint.post("/<uuid:public_id>/duplicate")
@needs("broadcasts", "manage")
def duplicate(public_id: UUID) -> BaseResponse:
    """A draft with the same letter, audience and connection."""
    copy = actions.duplicate(load(public_id), current_user.id)
    db.session.commit()
    return redirect_to(
        place_of(copy), message="Duplicated. This is the copy; nothing leaves by itself."
    )


@blueprint.get("/<uuid:public_id>/delete")
@needs("broadcasts", "manage")
def confirm_delete(public_id: UUID) -> Response:
    """Ask first, where no script opens the dialog."""
    return page_or_partial(
        "broadcasts/delete.html", "broadcasts/delete.html", broadcast=load(public_id)
    )


@blueprint.post("/<uuid:public_id>/delete")
@needs("broadcasts", "manage")
def delete(public_id: UUID) -> BaseResponse:
    """Throw a draft, a schedule or a failed one away."""
    broadcast = load(public_id)
    title = broadcast.title
    actions.delete(g.workspace, broadcast, current_user.id)
    db.session.commit()
    return redirect_to(url_for("broadcasts.index"), message=f"“{title[:60]}” is deleted.")


def _chip(name: str) -> Chip:
    return Chip(name) if name in set(Chip) else Chip.ALL
