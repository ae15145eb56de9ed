"""Verify: a worker tries the saved connection without sending anything, and the panel shows each step as it is taken."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.checks import checking
from mailrith.connections.checks.checking import Standing
from mailrith.connections.checks.reports import shown_steps, steps_of_check
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import TooMany
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, may_manage, person
from mailrith.web.respond import STOP_POLLING, page_or_partial, redirect_to, wants_partial

blueprint = Blueprint("connection_verification", __name__, url_prefix="/connections")

LIVE = frozenset({Standing.WAITING, Standing.LATE, Standing.RUNNING})


@blueprint.post("/<uuid:public_id>/verification")
@needs("connections", "manage")
def create(public_id: UUID) -> BaseResponse:
    """Ask a worker to try it. The answer is the panel, which looks again by itself."""
    connection = load(public_id)
    refusal = ""
    try:
        checking.ask(connection, person())
    except TooMany as error:
        refusal = error.message
    db.session.commit()
    if refusal or wants_partial():
        return _panel(connection, refusal=refusal)
    return redirect_to(url_for(".show", public_id=public_id))


@blueprint.get("/<uuid:public_id>/verification")
@needs("connections", "view")
def show(public_id: UUID) -> Response:
    """How far it is: a page of its own, or the panel for the page that shows it."""
    return _panel(load(public_id))


def panel_of(connection: Connection) -> dict[str, Any]:
    """What the panel says: where the last check stands and its steps."""
    check = checking.latest(connection)
    # A worker ends the check and writes the report in one commit, maybe since the connection was read. Read before the check,
    # the report would be the one before, and the page would ask for no other.
    db.session.refresh(connection, ["last_report", "verified_at"])
    standing = checking.standing(check) if check else None
    live = standing in LIVE
    steps = steps_of_check(check, connection) if check and live else shown_steps(connection)
    return {
        "live": live,
        "standing": standing.value if standing else "",
        "steps": steps,
        "reported": bool(connection.last_report.get("steps")) and not live,
        "begun_at": check.created_at if check else None,
    }


def _panel(connection: Connection, *, refusal: str = "") -> Response:
    panel = panel_of(connection)
    over = wants_partial() and not panel["live"] and not refusal
    return page_or_partial(
        "connections/verification.html",
        "connections/_verify.html",
        status=429 if refusal and not wants_partial() else STOP_POLLING if over else 200,
        connection=connection,
        panel=panel,
        refusal=refusal,
        may_manage=may_manage(),
    )
