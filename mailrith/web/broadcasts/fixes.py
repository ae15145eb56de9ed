"""Where what the review found is mended: the very place, for those who may go there."""

from dataclasses import dataclass

from flask import g, url_for

from mailrith.accounts.permissions import can
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.readiness import Check, Fix, Result
from mailrith.web.filters import has_endpoint


@dataclass(frozen=True)
class _Place:
    """A page with the spot on it, what the button says, and which right leads there."""

    endpoint: str
    label: str
    area: str
    spot: str | None = None
    level: str = "view"


_PLACES = {
    Fix.LETTER: _Place("broadcast_letters.edit", "Open the letter", "broadcasts"),
    Fix.AUDIENCE: _Place("broadcast_audiences.edit", "Choose", "broadcasts"),
    Fix.PICKER: _Place("broadcast_audiences.edit", "Choose a connection", "broadcasts", "by-h"),
    Fix.CONNECTION: _Place("connections.edit", "Open the connection", "connections"),
    Fix.VERIFY: _Place("connections.edit", "Verify it", "connections", "verify"),
    # inside of the folded part, which a browser opens for that
    Fix.LIMITS: _Place("connections.edit", "Look at its limits", "connections", "per_day"),
    Fix.SENDER: _Place("connection_senders.show", "See what to publish", "connections"),
    Fix.WEBHOOK: _Place(
        "connection_webhooks.show", "Open its webhook", "connections", level="manage"
    ),
    Fix.MAILBOX: _Place(
        "connection_mailboxes.show", "Open its bounce mailbox", "connections", level="manage"
    ),
    Fix.WORKSPACE: _Place("settings.workspace", "Set the address", "workspace"),
}


def way_out(broadcast: Broadcast, check: Check) -> dict[str, str] | None:
    """`label` and `url` of the button beside a line; None where nothing is to do, or not by this person."""
    place = _PLACES.get(check.fix)
    if place is None or check.result == Result.FINE or not has_endpoint(place.endpoint):
        return None
    if not can(g.member, place.area, place.level):
        return None
    return {"label": place.label, "url": _url(place, broadcast, check)}


def _url(place: _Place, broadcast: Broadcast, check: Check) -> str:
    about = {"broadcasts": broadcast.public_id, "connections": check.connection}.get(place.area)
    if about is None:
        return url_for(place.endpoint, _anchor=place.spot)
    return url_for(place.endpoint, public_id=about, _anchor=place.spot)
