"""One send job: from the run's rows to the loop and back. Commits."""

from mailrith.core import config
from mailrith.core.db import db
from mailrith.delivery import effects, engine, launching, order, phases
from mailrith.delivery.ledger import Ledger
from mailrith.delivery.models import Pause
from mailrith.delivery.pacing import Pace
from mailrith.delivery.sending import Ended, Slice


def work(run_id: int) -> Ended | None:
    """Send a slice of the run. None when there was nothing to begin with."""
    found = order.load(run_id)
    if found is None:
        return None
    if isinstance(found, order.Refusal):
        _refuse(run_id, found)
        return Ended.STOPPED
    ended = _send(found)
    _after(run_id, ended)
    return ended


def _send(found: order.Order) -> Ended:
    settings = config.current()
    ledger = Ledger(
        db.engine,
        run_id=found.run_id,
        connection_id=found.connection_id,
        credentials=found.credentials,
        lease_seconds=settings.lease_seconds,
    )
    pace = Pace(found.connection_id, found.run_id, str(ledger.token))
    warm = engine.current()
    return warm.run(Slice(found, ledger, pace, warm, seconds=settings.slice_seconds).run())


def _refuse(run_id: int, refusal: order.Refusal) -> None:
    if refusal.cause == Pause.LETTER:
        phases.fail(run_id, refusal.cause, refusal.words)
        db.session.commit()
    else:
        effects.pause(run_id, refusal.cause, refusal.words)


def _after(run_id: int, ended: Ended) -> None:
    if ended in {Ended.TIME, Ended.DRAIN, Ended.CHANGED}:
        launching.enqueue_slice(run_id)
    else:
        phases.finish(run_id)
    db.session.commit()
