"""Disabling and deleting: both are refused while something needs the connection, with the list of what does."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts.models import User
from mailrith.connections import actions, assigning
from mailrith.connections.models import Connection
from mailrith.connections.uses import InUse, in_use_by
from mailrith.core.db import db
from mailrith.web.access import needs
from mailrith.web.connections import listing
from mailrith.web.connections.loading import load, person
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_removal", __name__, url_prefix="/connections")


@blueprint.get("/<uuid:public_id>/delete")
@needs("connections", "manage")
def ask(public_id: UUID) -> Response:
    """Name what is lost, or what still needs it."""
    connection = load(public_id)
    assigning.check_everywhere(connection, person())  # the list names what other workspaces send
    return _dialog(connection, "delete", status=200)


@blueprint.post("/<uuid:public_id>/delete")
@needs("connections", "manage")
def delete(public_id: UUID) -> BaseResponse:
    """Take it away."""
    return _take_away(public_id, actions.delete, "delete", "deleted")


@blueprint.post("/<uuid:public_id>/disable")
@needs("connections", "manage")
def disable(public_id: UUID) -> BaseResponse:
    """Keep it, unused."""
    return _take_away(public_id, actions.disable, "disable", "disabled")


def _take_away(
    public_id: UUID, action: Callable[[Connection, User], None], verb: str, done: str
) -> BaseResponse:
    connection = load(public_id)
    name = connection.name
    try:
        action(connection, person())
    except InUse:
        db.session.rollback()
        return _dialog(connection, verb, status=409)
    db.session.commit()
    return redirect_to(url_for("connections.index"), message=f"{name} is {done}.")


def _dialog(connection: Connection, verb: str, *, status: int) -> Response:
    page = render_template(
        "connections/removal.html",
        connection=connection,
        verb=verb,
        uses=in_use_by(connection.id),
        **listing.context(),
    )
    return make_response(page, status)
