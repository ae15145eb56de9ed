"""Forgetting: raw requests after `events_retention_days`, facts after `facts_retention_days`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState

AT_ONCE = 1000  # rows of one transaction, so that SQLite's other writers get their turn


def prune() -> Iterator[int]:
    """Delete what is older than its time. Yields the number of rows after each part; the caller commits there."""
    settings = config.current()
    requests = now() - timedelta(days=settings.events_retention_days)
    facts = now() - timedelta(days=settings.facts_retention_days)
    # What has not been applied stays, however old: it is news.
    applied = HookRequest.state != HookRequestState.RECEIVED
    yield from _prune(HookRequest, HookRequest.received_at, requests, applied)
    yield from _prune(DeliveryFact, DeliveryFact.recorded_at, facts)


def _prune(model: Any, written_at: Any, before: datetime, *more: Any) -> Iterator[int]:
    # Ids count up with time, so the oldest rows are the first ones and the walk ends at the first young one.
    last = 0
    while True:
        rows = db.session.execute(
            select(model.id, written_at).where(model.id > last).order_by(model.id).limit(AT_ONCE)
        ).all()
        old = [row[0] for row in rows if row[1] < before]
        if not old:
            return
        deletion = delete(model).where(model.id.in_(old), *more)
        db.session.execute(deletion.execution_options(synchronize_session=False))
        yield len(old)
        last = old[-1]
