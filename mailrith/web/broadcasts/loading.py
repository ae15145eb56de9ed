"""The broadcast of an address, and where a person is led who asks for it."""

from uuid import UUID

from flask import abort, g, url_for

from mailrith.accounts.permissions import can
from mailrith.broadcasts import queries
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.delivery.models import Run

_PLACES = {
    BroadcastStatus.DRAFT: "broadcast_letters.edit",
    BroadcastStatus.SCHEDULED: "broadcast_reviews.show",
    BroadcastStatus.RUNNING: "broadcast_sendings.show",
}


def load(public_id: UUID) -> Broadcast:
    """The workspace's broadcast; 404 for everything else."""
    return queries.get(g.workspace.id, public_id) or abort(404)


def load_with_run(public_id: UUID) -> tuple[Broadcast, Run]:
    """The same with its sending; 404 while there is none."""
    broadcast = load(public_id)
    run = queries.run_of(broadcast)
    return broadcast, run or abort(404)


def may_manage() -> bool:
    """Whether the person may write and send here, not only look."""
    return can(g.member, "broadcasts", "manage")


def place_of(broadcast: Broadcast) -> str:
    """The page that suits its status."""
    endpoint = _PLACES.get(broadcast.status, "broadcast_reports.show")
    if endpoint == "broadcast_letters.edit" and not may_manage():
        endpoint = "broadcast_reviews.show"
    if broadcast.run_id is None and endpoint in {
        "broadcast_reports.show",
        "broadcast_sendings.show",
    }:
        endpoint = "broadcast_reviews.show"
    return url_for(endpoint, public_id=broadcast.public_id)
