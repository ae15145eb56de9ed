"""What time alone brings about: expired marks, deferred mail that is due, pauses that end, work that got lost. Commits.

Every one is a conditional statement, so running it twice, or on two machines, changes nothing more.
"""

from datetime import timedelta

from sqlalchemy import exists, func, select, update

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import database_epoch, db
from mailrith.delivery.ledger import journal
from mailrith.delivery.ledger import turns as ledger
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase, RunRoute
from mailrith.delivery.pacing import pace as pacing
from mailrith.delivery.runs import launching, phases, rerouting, routes

WORKER_LOST = "worker_lost"
LATE = timedelta(days=1)  # a worker that was stopped for longer looks after its run itself


def start_due() -> None:
    """Begin the runs whose undo window is over."""
    for run_id in launching.due():
        launching.start_if_due(run_id)
        db.session.commit()
    db.session.rollback()


def expire_marks() -> None:
    """A mark whose lease has run out belongs to a dead worker: its message may have gone, so it is in doubt."""
    run_ids = db.session.scalars(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < database_epoch())
        .values(
            state=DeliveryState.IN_DOUBT,
            cause=WORKER_LOST,
            lease_token=None,
            lease_until=None,
            updated_at=now(),
        )
        .returning(Delivery.run_id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    for run_id in set(run_ids):
        if not phases.finish(run_id):
            rerouting.rest_if_stuck(run_id)
        db.session.commit()


def requeue_deferred() -> None:
    """Deferred mail whose time has come."""
    due = db.session.execute(
        update(Delivery)
        .where(
            Delivery.state == DeliveryState.DEFERRED,
            Delivery.next_attempt_at <= now(),
            Delivery.run_id.in_(select(Run.id).where(Run.phase == RunPhase.SENDING)),
        )
        .values(state=DeliveryState.QUEUED, next_attempt_at=None)
        .returning(Delivery.run_id, Delivery.connection_id)
        .execution_options(synchronize_session=False)
    ).all()
    for run_id, connection_id in {(row.run_id, row.connection_id) for row in due}:
        launching.enqueue_slices(run_id, connection_id)
    db.session.commit()


def resume_due() -> None:
    """Pauses that end by themselves."""
    # Those that rest for one limit end at one moment; whoever is first may take all of it, so it is not always the same.
    due = db.session.scalars(
        select(Run.id)
        .where(Run.phase == RunPhase.PAUSED, Run.resume_at <= now())
        .order_by(func.random())
    ).all()
    for run_id in due:
        if phases.resume(run_id):
            launching.enqueue_slices(run_id)
        db.session.commit()
    db.session.rollback()


def wake() -> None:
    """Sends that left their worker to others, because their connection carried no more just then."""
    for run_id, connection_id in pacing.woken():
        launching.enqueue_slices(run_id, connection_id)
    db.session.commit()


def find_lost() -> None:
    """What the queue has forgotten: freezes that never began, slices that nobody works on, ends that nobody noticed.

    Raises redis.RedisError when Valkey is away.
    """
    frozen = Run.frozen_at.is_not(None)
    queued = exists().where(Delivery.run_id == Run.id, Delivery.state == DeliveryState.QUEUED)
    waiting = exists().where(Delivery.run_id == Run.id, Delivery.state.in_(routes.WAITING))
    unfrozen = _ids(RunPhase.QUEUED) + _ids(RunPhase.PREPARING, ~frozen)
    unsent = _unsent()
    others = _ids(RunPhase.SENDING, ~queued)
    canceling = _ids(RunPhase.CANCELING)
    reopened = _ids(RunPhase.FINISHED, Run.finished_at > now() - LATE, waiting)
    db.session.rollback()
    for run_id in others:
        phases.finish(run_id)
        db.session.commit()
    for run_id in canceling:
        phases.cancel_the_rest(run_id)
        db.session.commit()
    for run_id in reopened:
        launching.pick_up(run_id)
        db.session.commit()
    for (run_id,) in pacing.missed((run_id,) for run_id in unfrozen):
        queue.enqueue(launching.FREEZE_JOB, run_id)
    for run_id, connection_id in pacing.missed(unsent):
        launching.enqueue_slices(run_id, connection_id)
    db.session.commit()


def replay_journals() -> None:
    """Record what workers that are gone had heard and could not store."""
    for path, results in journal.left_behind():
        ledger.record_alone(db.engine, results)
        journal.forget(path)
        ids = [result.delivery_id for result in results]
        runs = select(Delivery.run_id).where(Delivery.id.in_(ids)).distinct()
        for run_id in db.session.scalars(runs).all():
            launching.pick_up(run_id)
        db.session.commit()


def _unsent() -> list[tuple[int, int]]:
    """(run id, connection id) of routes on which somebody waits."""
    somebody = exists().where(
        Delivery.run_id == RunRoute.run_id,
        Delivery.connection_id == RunRoute.connection_id,
        Delivery.state == DeliveryState.QUEUED,
    )
    rows = db.session.execute(
        select(RunRoute.run_id, RunRoute.connection_id)
        .join(Run, Run.id == RunRoute.run_id)
        .where(Run.phase == RunPhase.SENDING, somebody)
    )
    return [(row.run_id, row.connection_id) for row in rows]


def _ids(phase: RunPhase, *conditions: object) -> list[int]:
    return list(db.session.scalars(select(Run.id).where(Run.phase == phase, *conditions)))  # type: ignore[arg-type]
