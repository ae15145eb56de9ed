"""One send job: from the run's rows to the loop and back. Commits."""

from collections.abc import Callable

from mailrith.core import config
from mailrith.core.db import db
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.models import Pause
from mailrith.delivery.runs import launching, phases, rerouting
from mailrith.delivery.sending import engine, order, terms
from mailrith.delivery.sending.slice import Ended, Slice


def work(run_id: int, connection_id: int | None = None) -> Ended | None:
    """Send a slice of what one connection carries. None when there was nothing to begin with."""
    return carry(run_id, order.load(run_id, connection_id), Ledger)


def carry(
    run_id: int, found: order.Order | order.Refusal | None, open_ledger: Callable[..., Ledger]
) -> Ended | None:
    """Send a slice of what was found, with such a ledger, or say why not."""
    if found is None:
        return None
    if isinstance(found, order.Refusal):
        _refuse(run_id, found)
        return Ended.STOPPED
    ended = _send(found, open_ledger)
    _after(found, ended)
    return ended


def _send(found: order.Order, open_ledger: Callable[..., Ledger]) -> Ended:
    settings = config.current()
    ledger = open_ledger(
        db.engine,
        run_id=found.run_id,
        connection_id=found.connection_id,
        credentials=found.credentials,
        lease_seconds=settings.lease_seconds,
    )
    warm = engine.current()
    pace = terms.pace_of(found, warm.name)
    return warm.run(Slice(found, ledger, pace, warm, seconds=settings.slice_seconds).run())


def _refuse(run_id: int, refusal: order.Refusal) -> None:
    if refusal.cause == Pause.LETTER:
        phases.fail(run_id, Pause.LETTER, refusal.words)
        db.session.commit()
    else:
        rerouting.follow(run_id, refusal.connection_id)


def _after(done: order.Order, ended: Ended) -> None:
    if ended in {Ended.TIME, Ended.DRAIN, Ended.CHANGED}:
        launching.enqueue_slice(done.run_id, done.connection_id)
    else:
        if ended == Ended.STOPPED:
            rerouting.follow(done.run_id, done.connection_id)
        if not phases.finish(done.run_id):
            rerouting.rest_if_stuck(done.run_id)
            launching.pick_up(done.run_id)
    db.session.commit()
