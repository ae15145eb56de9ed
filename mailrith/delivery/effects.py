"""What sending means besides the ledger: people whose address is dead, and when a connection has room again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries
from mailrith.delivery.models import Delivery
from mailrith.subscribers import actions as subscribers

ENOUGH = 10  # a day's limit is waited for until this part of it (a tenth) is free again


@dataclass(frozen=True, slots=True)
class HardBounce:
    """The server said at RCPT that nobody lives there."""

    subscriber_id: int
    fingerprint: bytes
    words: str


def record_hard_bounces(bounces: Iterable[HardBounce]) -> None:
    """Bounced and suppressed, each in a transaction with its timeline. Commits."""
    db.session.rollback()
    for bounce in bounces:
        subscribers.record_hard_bounce(
            bounce.subscriber_id, bounce.words, fingerprint=bounce.fingerprint
        )
    db.session.commit()


def is_full(connection: Connection) -> bool:
    """Whether the day's limit is used up."""
    return (
        connection.per_day is not None
        and queries.by_connection_today(connection.id) >= connection.per_day
    )


def room_again_at(connection: Connection) -> datetime:
    """When enough of the messages of the last 24 hours are older than that."""
    moment = now()
    enough = max(1, (connection.per_day or 1) // ENOUGH)
    oldest = db.session.scalar(
        select(Delivery.updated_at)
        .where(*queries.taken_since(connection.id, moment - queries.DAY))
        .order_by(Delivery.updated_at)
        .offset(enough - 1)
        .limit(1)
    )
    return (oldest or moment) + queries.DAY + timedelta(seconds=1)
