"""What people and packages above do with runs. The caller commits, except where it says otherwise."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict
from mailrith.delivery import queries
from mailrith.delivery.models import Pause, Run, RunPhase
from mailrith.delivery.pacing.deferrals import told_to_wait
from mailrith.delivery.runs import evidence, launching, phases, rerouting, routes, settling
from mailrith.delivery.sending.letters import FrozenLetter
from mailrith.subscribers.audience import Audience

__all__ = ["FrozenLetter", "told_to_wait"]


def create_run(
    *,
    workspace_id: int,
    connection_id: int,
    letter: FrozenLetter,
    audience: Audience,
    source: str,
    source_public_id: UUID | None,
    confirmed_count: int | None = None,
    not_before: datetime | None = None,
    weights: Mapping[int, int] | None = None,
) -> Run:
    """A run that freezes its audience at once and begins at `not_before`, the end of the undo window.

    `weights` spreads it over several connections: connection id -> parts. Without them `connection_id` carries everybody.
    """
    run = Run(
        workspace_id=workspace_id,
        connection_id=connection_id,
        letter=letter.to_json(),
        audience=audience.to_json(),
        source=source,
        source_public_id=source_public_id,
        confirmed_count=confirmed_count,
        not_before=not_before or now(),
        left_out={},
    )
    db.session.add(run)
    db.session.flush()
    routes.lay(run, weights or {connection_id: 1})
    queue.enqueue(launching.FREEZE_JOB, run.id)
    return run


def pause(run: Run) -> None:
    """A person lets it rest. Raises Conflict when it is not going."""
    if not phases.pause(run.id, Pause.PERSON):
        raise Conflict("This is not being sent now, so there is nothing to pause.")


def resume(run: Run) -> None:
    """Go on. Raises Conflict when it does not rest, waits for the grown count to be confirmed, or has no way out."""
    if run.phase == RunPhase.PAUSED and run.pause_cause == Pause.COUNT_GREW:
        raise Conflict("More people than you agreed to would get this. Confirm the number first.")
    if run.phase == RunPhase.PAUSED and not can_go_on(run):
        raise Conflict(
            "The connection still cannot send. Mend it and verify it: then this goes on by itself."
        )
    _go_on(run)


def can_go_on(run: Run) -> bool:
    """Whether some connection, or a stand-in, can carry somebody who is left."""
    return rerouting.stuck(run) is None


def confirm_count(run: Run) -> None:
    """The sender agrees to the number as it is now. Raises Conflict when it was not asked."""
    if run.phase != RunPhase.PAUSED or run.pause_cause != Pause.COUNT_GREW:
        raise Conflict("Nobody asks about the number of this any more.")
    run.confirmed_count = run.frozen_count
    db.session.flush()
    _go_on(run)


def cancel(run: Run) -> None:
    """Send to nobody else. What is on the wire arrives. Raises Conflict when it is over."""
    going = (RunPhase.QUEUED, RunPhase.PREPARING, RunPhase.SENDING, RunPhase.PAUSED)
    if not phases.move(run.id, to=RunPhase.CANCELING, out_of=going):
        raise Conflict("This is over already.")
    queue.enqueue(launching.CANCEL_JOB, run.id)


def withdraw(run: Run) -> None:
    """Undo: the run and its deliveries are gone. Raises Conflict once sending has begun."""
    gone = db.session.execute(
        delete(Run).where(
            Run.id == run.id,
            Run.started_at.is_(None),
            Run.phase.in_((RunPhase.QUEUED, RunPhase.PREPARING, RunPhase.PAUSED)),
        )
    ).rowcount  # type: ignore[attr-defined]
    if not gone:
        raise Conflict(
            "Too late to undo: the first messages have left. You can still cancel the rest."
        )
    db.session.expire_all()


def retry_failed(run: Run, cause: str) -> int:
    """Try those again who failed for this cause. Gives how many."""
    if cause in queries.HOPELESS:
        raise Conflict("These addresses do not exist. Trying again would only repeat that.")
    return settling.retry_failed(run, [cause])


def resend_in_doubt(run: Run, delivery_ids: Collection[int] | None, user_id: int) -> int:
    """Send again to those in doubt (all, if no ids are given); they may get two. Gives how many."""
    return settling.resend(run, delivery_ids, user_id)


def leave_in_doubt(run: Run, delivery_ids: Collection[int] | None, user_id: int) -> int:
    """Do not send again to those in doubt (all, if no ids are given). Gives how many."""
    return settling.leave(run, delivery_ids, user_id)


def settle_in_doubt(delivery_id: int) -> bool:
    """Something came back from a message in doubt: it was sent. Whether that changed anything."""
    return bool(evidence.settle([delivery_id]))


def _go_on(run: Run) -> None:
    run_id = run.id
    if not phases.resume(run_id):
        raise Conflict("This does not rest, so there is nothing to resume.")
    if run.phase == RunPhase.SENDING:
        launching.enqueue_slices(run_id)
    elif run.frozen_at is None:
        queue.enqueue(launching.FREEZE_JOB, run_id)
