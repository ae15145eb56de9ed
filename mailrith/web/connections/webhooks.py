"""The webhook page: where providers post events, with which secret, a line to try it, and what arrived."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections import actions
from mailrith.connections.models import Connection
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import queries as events
from mailrith.events.providers import generic
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, person
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_webhooks", __name__, url_prefix="/connections")

SHOWN_REQUESTS = 10


@blueprint.get("/<uuid:public_id>/webhooks")
@needs("connections", "manage")
def show(public_id: UUID) -> Response:
    """The page. It shows secrets, so no cache may keep it."""
    connection = load(public_id)
    secrets = actions.hook_secrets(connection)
    address = _address(connection, secrets)
    page = render_template(
        "connections/webhooks.html",
        connection=connection,
        address=address,
        signing_secret=secrets.signing_secret,
        sample=generic.sample(address),
        arrived=events.recent_requests(connection.id, SHOWN_REQUESTS),
        arrived_today=events.count_since(connection.id, now() - timedelta(days=1)),
        may_manage=True,
    )
    return Response(page, headers={"Cache-Control": "no-store"})


@blueprint.post("/<uuid:public_id>/webhooks/secrets")
@needs("connections", "manage")
def replace(public_id: UUID) -> BaseResponse:
    """New secrets; whoever posts with the old ones is refused at once."""
    connection = load(public_id)
    actions.replace_hook_secrets(connection, person())
    db.session.commit()
    url = url_for(".show", public_id=public_id)
    return redirect_to(url, message="New address and secret. Paste both at your service now.")


def _address(connection: Connection, secrets: actions.HookSecrets) -> str:
    base = config.current().public_url
    return f"{base}/hooks/{connection.public_id}/{secrets.path_secret}"
