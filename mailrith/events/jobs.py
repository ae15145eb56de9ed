"""Jobs about what came back. Ids in, safe to run twice."""

from datetime import timedelta

from mailrith.core.db import db
from mailrith.events import applying, lost, retention

LOST_AFTER = timedelta(seconds=10)  # a job that is alive takes milliseconds


def apply(request_id: int) -> None:
    """Apply one stored request."""
    applying.apply(request_id)
    db.session.commit()


def apply_lost() -> None:
    """Apply what was stored while the queue was away, or whose worker died."""
    lost.apply_lost(LOST_AFTER)


def settle_doubts() -> None:
    """Settle deliveries in doubt about which events have come."""
    lost.settle_doubts()
    db.session.commit()


def prune() -> None:
    """Forget raw requests and facts that are older than their time."""
    retention.prune()
