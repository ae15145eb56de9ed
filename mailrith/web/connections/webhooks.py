"""The webhook page: who posts events to a connection, what to do at that service, keys and secrets, and whether it works."""

from typing import get_args
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.credentials import HookSecret
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.events import logbook, sources, standing, webhook_settings
from mailrith.events.sources.own import MAPPING
from mailrith.web.access import needs
from mailrith.web.connections.endpoint_words import endpoint_words
from mailrith.web.connections.loading import load, owns_account, person
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_webhooks", __name__, url_prefix="/connections")

SHOWN_REQUESTS = 8
ROTATED = "New {what}. Paste it at your service; the old one holds for 72 hours."


@blueprint.get("/<uuid:public_id>/webhooks")
@needs("connections", "manage")
def show(public_id: UUID) -> Response:
    """The page."""
    return _page(load(public_id))


@blueprint.post("/<uuid:public_id>/webhooks/source")
@needs("connections", "manage")
def choose(public_id: UUID) -> BaseResponse:
    """Somebody else posts from now on. A relay's own JSON has to be described first."""
    connection, name = load(public_id), request.form.get("source", "")
    if name == MAPPING and not connection.events_mapping:
        return redirect_to(url_for("connection_event_mapping.edit", public_id=public_id))
    try:
        source = webhook_settings.choose(connection, name, person())
    except Invalid as error:
        return _page(connection, error)
    db.session.commit()
    return _back(public_id, f"{source.label}: see below what to do there.")


@blueprint.post("/<uuid:public_id>/webhooks/keys")
@needs("connections", "manage")
def add_key(public_id: UUID) -> BaseResponse:
    """One more key of the service."""
    connection = load(public_id)
    try:
        webhook_settings.add_key(connection, request.form.get("key", ""), person())
    except Invalid as error:
        return _page(connection, error)
    db.session.commit()
    return _back(public_id, "Saved. Events signed with it are taken from now on.")


@blueprint.post("/<uuid:public_id>/webhooks/keys/remove")
@needs("connections", "manage")
def remove_key(public_id: UUID) -> BaseResponse:
    """Believe it no more."""
    webhook_settings.remove_key(load(public_id), request.form.get("mark", ""), person())
    db.session.commit()
    return _back(public_id, "Removed.")


@blueprint.post("/<uuid:public_id>/webhooks/secrets")
@needs("connections", "manage")
def replace(public_id: UUID) -> BaseResponse:
    """A new address or signing secret; the old one holds on for a while."""
    connection, which = load(public_id), _which()
    webhook_settings.rotate(connection, which, person())
    db.session.commit()
    what = "address" if which == "path" else "signing secret"
    return _back(public_id, ROTATED.format(what=what))


@blueprint.post("/<uuid:public_id>/webhooks/secrets/end")
@needs("connections", "manage")
def end_old(public_id: UUID) -> BaseResponse:
    """The old one stops now."""
    webhook_settings.end_old(load(public_id), _which(), person())
    db.session.commit()
    return _back(public_id, "The old one is refused from now on.")


def _page(connection: Connection, error: Invalid | None = None) -> Response:
    """It shows secrets, so no cache may keep it."""
    seen = logbook.sight(connection, person(), owns=owns_account())
    page = render_template(
        "connections/webhooks.html",
        connection=connection,
        source=sources.of(connection),
        choices=sources.choices(),
        words=endpoint_words(connection),
        standing=None,
        light=standing.of(connection),
        arrived=logbook.requests(connection, seen, size=SHOWN_REQUESTS).items,
        results=lambda found: logbook.results(found, seen),
        error=error,
        may_manage=True,
    )
    return Response(page, 422 if error else 200, headers={"Cache-Control": "no-store"})


def _which() -> HookSecret:
    found: dict[str, HookSecret] = {name: name for name in get_args(HookSecret)}
    return found.get(request.form.get("which", "path")) or abort(400)


def _back(public_id: UUID, message: str) -> BaseResponse:
    return redirect_to(url_for(".show", public_id=public_id), message=message)
