"""Jobs about what came back. Ids in, safe to run twice."""

import time

from mailrith.core.db import db
from mailrith.events import applying, calling, confirming, draining, lost, reputation, retention

LOST_SECONDS = 8.0  # a round ends before the next one is due


def apply_waiting() -> None:
    """Apply what waits, many requests in one transaction."""
    for _ in draining.drain():
        db.session.commit()


def call_waiting() -> None:
    """Every second: have what waits applied, if nobody is at it."""
    if lost.anything_waits():
        calling.call()


def apply(request_id: int) -> None:
    """Apply one stored request."""
    applying.apply(request_id)
    db.session.commit()


def confirm(request_id: int) -> None:
    """Tell a service that its events are wanted, and apply the request that asked."""
    applying.apply(request_id, confirming.answer(request_id))
    db.session.commit()


def apply_lost() -> None:
    """Apply what was stored while the queue was away, or whose worker died, each in its own transaction."""
    until = time.monotonic() + LOST_SECONDS
    for request_id in lost.waiting():
        wanted = time.monotonic() < until and lost.count_attempt(request_id)
        db.session.commit()
        if wanted:
            apply(request_id)


def settle_doubts() -> None:
    """Settle deliveries in doubt about which events have come."""
    lost.settle_doubts()
    db.session.commit()


def watch_reputations() -> None:
    """Every minute: connections of which too much mail came back stop."""
    for _ in reputation.watch():
        db.session.commit()


def prune() -> None:
    """Forget raw requests and facts that are older than their time, in small transactions."""
    for _ in retention.prune():
        db.session.commit()
