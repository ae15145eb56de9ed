"""The event log of a connection: what was posted, what became of it and why, the raw body, and reading it again."""

from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.events import logbook, standing
from mailrith.events.logbook import Sight
from mailrith.events.models import HookRequest
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, owns_account, person
from mailrith.web.filters import plural
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_events", __name__, url_prefix="/connections")


@blueprint.get("/<uuid:public_id>/events")
@needs("connections", "manage")
def index(public_id: UUID) -> str:
    """A page of requests, newest first, of one state or of all."""
    connection = load(public_id)
    seen, state = _sight(connection), request.args.get("state", "")
    after, before = request.args.get("after"), request.args.get("before")
    return render_template(
        "connections/events.html",
        connection=connection,
        page=logbook.requests(connection, seen, state=state, after=after, before=before),
        counts=logbook.counts(connection, seen),
        state=state,
        seen=seen,
        light=standing.of(connection),
        results=lambda found: logbook.results(found, seen),
        may_manage=True,
    )


@blueprint.get("/<uuid:public_id>/events/<number>")
@needs("connections", "manage")
def show(public_id: UUID, number: str) -> Response:
    """One request, with its raw body where it is about nobody else's mails."""
    connection = load(public_id)
    seen = _sight(connection)
    found = _find(connection, seen, number)
    page = render_template(
        "connections/event.html",
        connection=connection,
        posted=found,
        results=logbook.results(found, seen),
        body=logbook.masked_body(found) if logbook.may_read_body(found, seen) else None,
        may_manage=True,
    )
    return Response(page, headers={"Cache-Control": "no-store"})


@blueprint.post("/<uuid:public_id>/events/<number>/replay")
@needs("connections", "manage")
def replay(public_id: UUID, number: str) -> BaseResponse:
    """Read one again."""
    connection = load(public_id)
    again = logbook.replay(_find(connection, _sight(connection), number))
    db.session.commit()
    words = "Read again. What was known already changes nothing." if again else "It waits already."
    return redirect_to(url_for(".show", public_id=public_id, number=number), message=words)


@blueprint.post("/<uuid:public_id>/events/replay")
@needs("connections", "manage")
def replay_useless(public_id: UUID) -> BaseResponse:
    """Read again what was of no use."""
    connection = load(public_id)
    count = logbook.replay_useless(connection, _sight(connection))
    db.session.commit()
    words = (
        f"Reading {plural(count, 'request')} again." if count else "There is nothing to read again."
    )
    return redirect_to(url_for(".index", public_id=public_id), message=words)


def _sight(connection: Connection) -> Sight:
    return logbook.sight(connection, person(), owns=owns_account())


def _find(connection: Connection, seen: Sight, number: str) -> HookRequest:
    # As text, so that no number is too long for the database.
    found = number.isdecimal() and len(number) < 19 and logbook.get(connection, seen, int(number))
    return found or abort(404)
