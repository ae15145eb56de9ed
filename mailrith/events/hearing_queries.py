"""Reads of how the webhooks of several connections stand."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.events.mailbox import returned
from mailrith.events.models import HookRefusals, HookRequest


def last_requests(connection_ids: Collection[int]) -> Sequence[tuple[int, bool, datetime | None]]:
    """(id, whether a key of the service is there, when its webhook took something last); fetched mails are not posted."""
    last = (
        select(HookRequest.received_at)
        .where(HookRequest.connection_id == Connection.id, HookRequest.source != returned.SOURCE)
        .order_by(HookRequest.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Connection.id, Connection.sealed_events_keys.is_not(None), last).where(
            Connection.id.in_(connection_ids)
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def refusals_of(connection_ids: Collection[int]) -> dict[int, HookRefusals]:
    """Connection id -> what was refused at it."""
    rows = db.session.scalars(
        select(HookRefusals).where(HookRefusals.connection_id.in_(connection_ids))
    )
    return {row.connection_id: row for row in rows}
