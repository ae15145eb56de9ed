"""From a frozen run to slices at work. The caller commits."""

from collections.abc import Iterable

from sqlalchemy import func, select

from mailrith.connections.models import Connection
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import phases
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase

SLICE_JOB = "mailrith.delivery.jobs.send_slice"
FREEZE_JOB = "mailrith.delivery.jobs.freeze"
CANCEL_JOB = "mailrith.delivery.jobs.cancel"
PEOPLE_EACH = 500  # fewer are not worth another worker


def start_if_due(run_id: int) -> bool:
    """Begin once the undo window is over. A run without an audience is finished at once."""
    if not phases.start(run_id):
        return False
    if not phases.finish(run_id):
        enqueue_slices(run_id)
    return True


def due() -> Iterable[int]:
    """Runs whose undo window is over."""
    return db.session.scalars(
        select(Run.id).where(
            Run.phase == RunPhase.PREPARING, Run.frozen_at.is_not(None), Run.not_before <= now()
        )
    ).all()


def enqueue_slices(run_id: int) -> None:
    """As many slices as there are workers, sessions and people for."""
    run = db.session.get_one(Run, run_id)
    connection = db.session.get_one(Connection, run.connection_id)
    waiting = db.session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.run_id == run_id, Delivery.state == DeliveryState.QUEUED)
    )
    workers = len(queue.worker_names()) or 1
    wanted = min(workers, connection.max_sessions, 1 + (waiting or 0) // PEOPLE_EACH)
    for _ in range(wanted):
        enqueue_slice(run_id)


def enqueue_slice(run_id: int) -> None:
    """One slice, behind those of other runs."""
    queue.enqueue(SLICE_JOB, run_id, queue=queue.MAIL)
