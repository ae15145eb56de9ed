"""Forgetting: raw requests after `events_retention_days`, facts after `facts_retention_days`."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState

_AT_ONCE = 1000  # rows of one transaction, so that SQLite's other writers get their turn


def prune() -> None:
    """Delete what is older than its time, in small transactions. Commits."""
    settings = config.current()
    _prune(HookRequest, HookRequest.received_at, now() - _days(settings.events_retention_days))
    _prune(DeliveryFact, DeliveryFact.recorded_at, now() - _days(settings.facts_retention_days))


def _prune(model: Any, written_at: Any, before: datetime) -> None:
    # Ids count up with time, so the oldest rows are the first ones and the walk ends at the first young one.
    last = 0
    while True:
        rows = db.session.execute(
            select(model.id, written_at).where(model.id > last).order_by(model.id).limit(_AT_ONCE)
        ).all()
        old = [row[0] for row in rows if row[1] < before]
        if old:
            db.session.execute(
                delete(model)
                .where(model.id.in_(old), _may_go(model))
                .execution_options(synchronize_session=False)
            )
        db.session.commit()
        if len(old) < _AT_ONCE:
            return
        last = old[-1]


def _may_go(model: Any) -> Any:
    # What has not been applied stays, however old: it is news.
    return model.state != HookRequestState.RECEIVED if model is HookRequest else model.id > 0


def _days(count: int) -> timedelta:
    return timedelta(days=count)
