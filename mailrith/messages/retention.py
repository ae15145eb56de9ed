"""Forgetting: the bytes of a message a day after it ended, and the message as long after that as facts are kept."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import delete, select

from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunPhase
from mailrith.messages.models import SOURCE, Message, MessageContent

# A worker that was stopped for so long may still say that it never sent (delivery.sweeping.LATE).
CONTENT_KEPT = timedelta(days=1)
AT_ONCE = 500  # rows of one transaction, so that SQLite's other writers get their turn


def prune() -> Iterator[int]:
    """Delete what is older than its time. Yields the number of rows after each part; the caller commits there."""
    yield from _prune_contents()
    yield from _prune_messages()


def _prune_contents() -> Iterator[int]:
    done = (
        select(MessageContent.id)
        .join(Message, Message.id == MessageContent.id)
        .join(Run, Run.id == Message.run_id)
        .where(Run.phase == RunPhase.FINISHED, Run.finished_at < now() - CONTENT_KEPT)
        .limit(AT_ONCE)
    )
    while ids := db.session.scalars(done).all():
        deletion = delete(MessageContent).where(MessageContent.id.in_(ids))
        db.session.execute(deletion.execution_options(synchronize_session=False))
        yield len(ids)


def _prune_messages() -> Iterator[int]:
    """By their runs: deliveries, facts and everything else go with them."""
    kept = timedelta(days=config.current().facts_retention_days)
    old = (
        select(Run.id)
        .where(
            Run.source == SOURCE,
            Run.phase == RunPhase.FINISHED,
            Run.finished_at < now() - kept,
        )
        .limit(AT_ONCE)
    )
    while ids := db.session.scalars(old).all():
        deletion = delete(Run).where(Run.id.in_(ids))
        db.session.execute(deletion.execution_options(synchronize_session=False))
        yield len(ids)
