"""Moves of a run from one phase to the next. Each is one conditional statement, so that of two who try only one succeeds.

Callers commit; the signals are sent inside the transaction.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select, update

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import signals
from mailrith.delivery.models import Delivery, DeliveryState, Pause, Run, RunPhase
from mailrith.delivery.runs.routes import WAITING

RETRY_FOR = timedelta(hours=48)  # deferred mail is given up after that
WORDS = 1024  # of a server, kept

OPEN = (*WAITING, DeliveryState.SENDING)


def move(run_id: int, *, to: RunPhase, out_of: tuple[RunPhase, ...], **values: Any) -> bool:
    """Whether it was in one of `out_of` and is in `to` now."""
    return _changed(
        update(Run).where(Run.id == run_id, Run.phase.in_(out_of)).values(phase=to, **values)
    )


def start(run_id: int) -> bool:
    """From prepared to sending, once the undo window is over."""
    moment = now()
    started = _changed(
        update(Run)
        .where(
            Run.id == run_id,
            Run.phase == RunPhase.PREPARING,
            Run.frozen_at.is_not(None),
            Run.not_before <= moment,
        )
        .values(phase=RunPhase.SENDING, started_at=moment, retry_until=moment + RETRY_FOR)
    )
    if started:
        signals.run_started.send(None, run_id=run_id)
    return started


def pause(run_id: int, cause: str, words: str = "", **values: Any) -> bool:
    """Let it rest. `cause` is a Pause or a key of smtp.causes; `words` are the server's."""
    paused = move(
        run_id,
        to=RunPhase.PAUSED,
        out_of=(RunPhase.SENDING, RunPhase.PREPARING),
        pause_cause=cause,
        pause_words=words[:WORDS],
        **{"resume_at": None} | values,
    )
    if paused:
        signals.run_paused.send(None, run_id=run_id)
    return paused


def resume(run_id: int) -> bool:
    """Go on where it stopped: a run that never began waits for its start again."""
    cleared = {"pause_cause": "", "pause_words": "", "resume_at": None}
    begun = _changed(
        update(Run)
        .where(Run.id == run_id, Run.phase == RunPhase.PAUSED, Run.started_at.is_not(None))
        .values(phase=RunPhase.SENDING, retry_until=now() + RETRY_FOR, **cleared)
    )
    resumed = begun or move(run_id, to=RunPhase.PREPARING, out_of=(RunPhase.PAUSED,), **cleared)
    if resumed:
        signals.run_resumed.send(None, run_id=run_id)
    return resumed


def reopen(run_id: int) -> bool:
    """A finished run has people to send to again."""
    return move(
        run_id,
        to=RunPhase.SENDING,
        out_of=(RunPhase.FINISHED, RunPhase.SENDING),
        **_reopened(),
    )


def take_back(run_id: int) -> bool:
    """Somebody waits again in a finished run: a worker that was taken for dead says that it never sent to them.

    They are canceled if others were; else the run goes on, and this is True.
    """
    if not _has(run_id, *WAITING):
        return False
    if not _has(run_id, DeliveryState.CANCELED):
        return move(run_id, to=RunPhase.SENDING, out_of=(RunPhase.FINISHED,), **_reopened())
    if move(run_id, to=RunPhase.CANCELING, out_of=(RunPhase.FINISHED,)):
        cancel_the_rest(run_id)
    return False


def finish(run_id: int) -> bool:
    """Finished, unless somebody still waits or is on the wire."""
    finished = _changed(
        update(Run)
        .where(
            Run.id == run_id,
            Run.phase.in_((RunPhase.SENDING, RunPhase.CANCELING)),
            ~exists(select(Delivery.id).where(Delivery.run_id == run_id, Delivery.state.in_(OPEN))),
        )
        .values(phase=RunPhase.FINISHED, finished_at=now())
    )
    if finished:
        signals.run_finished.send(None, run_id=run_id)
    return finished


def cancel_the_rest(run_id: int) -> None:
    """Whoever has not been sent to is canceled; then it is finished, or will be when the wire is silent."""
    db.session.execute(
        update(Delivery)
        .where(
            Delivery.run_id == run_id,
            Delivery.state.in_(WAITING),
        )
        .values(state=DeliveryState.CANCELED, lease_token=None, lease_until=None, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    finish(run_id)


def fail(run_id: int, cause: Pause, words: str) -> None:
    """End it before anything was sent, for a reason that going on would not mend."""
    ended = move(
        run_id,
        to=RunPhase.CANCELING,
        out_of=(RunPhase.QUEUED, RunPhase.PREPARING, RunPhase.SENDING),
        pause_cause=cause,
        pause_words=words[:WORDS],
    )
    if ended:
        cancel_quietly(run_id)
        signals.run_failed.send(None, run_id=run_id)


def cancel_quietly(run_id: int) -> None:
    """As `cancel_the_rest`, without saying that it finished."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.run_id == run_id, Delivery.state == DeliveryState.QUEUED)
        .values(state=DeliveryState.CANCELED, lease_token=None, lease_until=None, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    move(run_id, to=RunPhase.FINISHED, out_of=(RunPhase.CANCELING,), finished_at=now())


def _reopened() -> dict[str, Any]:
    return {"finished_at": None, "retry_until": now() + RETRY_FOR}


def _has(run_id: int, *states: DeliveryState) -> bool:
    somebody = select(Delivery.id).where(Delivery.run_id == run_id, Delivery.state.in_(states))
    return db.session.scalar(somebody.limit(1)) is not None


def _changed(statement: Any) -> bool:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]
