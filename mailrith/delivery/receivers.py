"""A connection that carries mail again: what rested for its sake goes on by itself."""

from sqlalchemy import select

from mailrith.connections.signals import connection_recovered
from mailrith.core import queue
from mailrith.core.db import db
from mailrith.delivery.models import LIMITS, Pause, Run, RunPhase, RunRoute
from mailrith.delivery.runs import launching, phases, routes

# These end by a person's word, or by themselves; not because some connection works.
_OTHERWISE = (Pause.PERSON, Pause.COUNT_GREW, *LIMITS, Pause.PUBLIC_URL, Pause.LETTER)


def register() -> None:
    """Listen to connections. Called by create_app."""
    connection_recovered.connect(go_on)


def go_on(sender: object, *, connection_id: int) -> None:
    """Runs that rest because of a connection, and in which somebody waits for this one."""
    concerned = db.session.scalars(
        select(Run)
        .join(RunRoute, RunRoute.run_id == Run.id)
        .where(
            RunRoute.connection_id == connection_id,
            Run.phase.in_((RunPhase.SENDING, RunPhase.PAUSED)),
        )
    ).all()
    for run_id, phase, cause in [(run.id, run.phase, run.pause_cause) for run in concerned]:
        if phase == RunPhase.PAUSED and cause in _OTHERWISE:
            continue
        if routes.has(run_id, connection_id, phases.OPEN):
            _resume(run_id, connection_id)


def _resume(run_id: int, connection_id: int) -> None:
    phases.resume(run_id)  # a run that is being sent over others stays as it is
    run = db.session.get_one(Run, run_id)
    if run.phase == RunPhase.SENDING:
        launching.enqueue_slices(run_id, connection_id)
    elif run.frozen_at is None:
        queue.enqueue(launching.FREEZE_JOB, run_id)
