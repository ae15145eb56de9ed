"""What delivery tells about runs becomes the status of the broadcast, and a mail to its sender."""

from datetime import timedelta

from mailrith.broadcasts import needs, news, pauses, queries
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.connections import uses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries as ledger
from mailrith.delivery import signals
from mailrith.delivery.models import DeliveryState, Pause, Run
from mailrith.subscribers import tagging

SHORT_REST = timedelta(hours=6)  # an hourly limit pauses a large broadcast many times a day


def register() -> None:
    """Listen to delivery, and say which connections and tags are needed. Called by create_app."""
    uses.register(needs.uses_of_connection)
    tagging.register_use(needs.uses_of_tag)
    signals.run_finished.connect(run_finished)
    signals.run_failed.connect(run_failed)
    signals.run_paused.connect(run_paused)


def run_finished(sender: object, *, run_id: int) -> None:
    """Nobody waits any more."""
    broadcast = queries.by_run(run_id)
    if broadcast is None:
        return
    counts = ledger.counts(run_id)
    broadcast.status = _ending(counts)
    broadcast.completed_at = now()
    news.finished(broadcast, counts)


def run_failed(sender: object, *, run_id: int) -> None:
    """It ended before anything was sent."""
    broadcast = queries.by_run(run_id)
    if broadcast is None:
        return
    broadcast.status = BroadcastStatus.FAILED
    broadcast.completed_at = now()
    news.failed(broadcast, pauses.reason(db.session.get_one(Run, run_id)))


def run_paused(sender: object, *, run_id: int) -> None:
    """Mailrith paused it; whoever pressed Pause themselves knows, and a short rest is nobody's concern."""
    broadcast = queries.by_run(run_id)
    run = db.session.get_one(Run, run_id)
    soon = run.resume_at is not None and run.resume_at - now() < SHORT_REST
    if broadcast is not None and run.pause_cause != Pause.PERSON and not soon:
        news.paused(broadcast, pauses.reason(run))


def _ending(counts: dict[DeliveryState, int]) -> BroadcastStatus:
    people = sum(counts.values())
    if counts[DeliveryState.CANCELED] or not people:
        return BroadcastStatus.CANCELED
    if counts[DeliveryState.FAILED] == people:
        return BroadcastStatus.FAILED
    return BroadcastStatus.COMPLETED
