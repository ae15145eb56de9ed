"""From a frozen run to slices at work. The caller commits."""

from collections.abc import Iterable

from sqlalchemy import select

from mailrith.connections.models import Connection
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunPhase
from mailrith.delivery.runs import phases, routes

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


def pick_up(run_id: int) -> None:
    """Go on with a finished run in which somebody waits again."""
    if phases.take_back(run_id):
        enqueue_slices(run_id)


def due() -> Iterable[int]:
    """Runs whose undo window is over."""
    return db.session.scalars(
        select(Run.id).where(
            Run.phase == RunPhase.PREPARING, Run.frozen_at.is_not(None), Run.not_before <= now()
        )
    ).all()


def enqueue_slices(run_id: int, *connection_ids: int) -> None:
    """As many slices as there are workers, sessions and people for, on these routes of the run, or on all."""
    workers = len(queue.worker_names()) or 1
    for connection_id in connection_ids or [route.connection_id for route in routes.of(run_id)]:
        connection = db.session.get_one(Connection, connection_id)
        most = min(workers, connection.max_sessions)
        waiting = routes.queued(run_id, connection_id, up_to=most * PEOPLE_EACH)
        for _ in range(min(most, 1 + waiting // PEOPLE_EACH) if waiting else 0):
            enqueue_slice(run_id, connection_id)


def enqueue_slice(run_id: int, connection_id: int) -> None:
    """One slice, behind those of other runs."""
    queue.enqueue(SLICE_JOB, run_id, connection_id, queue=queue.MAIL)
