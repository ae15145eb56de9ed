"""What the list of connections and a broadcast's review say of a webhook."""

from collections.abc import Collection
from datetime import datetime

from mailrith.connections.standing.hearing import Ear, Heard, Hearing
from mailrith.events import hearing_queries
from mailrith.events.models import HookRefusals


def of(connection_ids: Collection[int]) -> dict[int, Hearing]:
    """Connection id -> how its webhook stands; nothing where nobody has set it up."""
    refused = hearing_queries.refusals_of(connection_ids)
    return {
        connection_id: _hearing(last, refused.get(connection_id))
        for connection_id, keyed, last in hearing_queries.last_requests(connection_ids)
        if keyed or last or connection_id in refused
    }


def _hearing(last: datetime | None, refused: HookRefusals | None) -> Hearing:
    if refused is not None and (last is None or refused.last_at > last):
        return Hearing(Ear.WEBHOOK, Heard.FAILING, refused.first_at)
    return Hearing(Ear.WEBHOOK, Heard.WELL if last else Heard.NOTHING, last)
