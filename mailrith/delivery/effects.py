"""What sending changes besides the ledger: people whose address is dead, and runs that have to rest. Commits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import phases, queries
from mailrith.delivery.models import Delivery, Pause, Run
from mailrith.subscribers import actions as subscribers

ENOUGH = 10  # a day's limit is waited for until this part of it (a tenth) is free again


@dataclass(frozen=True, slots=True)
class HardBounce:
    """The server said at RCPT that nobody lives there."""

    subscriber_id: int
    fingerprint: bytes
    words: str


def record_hard_bounces(bounces: Iterable[HardBounce]) -> None:
    """Bounced and suppressed, each in a transaction with its timeline."""
    db.session.rollback()
    for bounce in bounces:
        subscribers.record_hard_bounce(
            bounce.subscriber_id, bounce.words, fingerprint=bounce.fingerprint
        )
    db.session.commit()


def pause(run_id: int, cause: str, words: str = "") -> None:
    """Pause the run for a cause that a slice met."""
    db.session.rollback()
    values: dict[str, Any] = {}
    if cause == Pause.DAILY_LIMIT:
        values["resume_at"] = _room_again_at(run_id)
    phases.pause(run_id, cause, words, **values)
    db.session.commit()


def _room_again_at(run_id: int) -> datetime:
    """When enough of the messages of the last 24 hours are older than that."""
    run = db.session.get_one(Run, run_id)
    connection = db.session.get_one(Connection, run.connection_id)
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
