"""How a person ends a doubt, or tries again who failed. The caller commits. (Evidence ends doubts too: see `evidence`.)"""

from collections.abc import Collection

from sqlalchemy import update

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import RESEND, Delivery, DeliveryState, Run
from mailrith.delivery.runs import launching, phases


def resend(run: Run, delivery_ids: Collection[int] | None, user_id: int) -> int:
    """Queue those in doubt again, all of them if no ids are given. They may get two. Gives how many."""
    found = _decide(run, delivery_ids, user_id, state=DeliveryState.QUEUED, cause=RESEND)
    if found:
        _go_on(run)
    return found


def leave(run: Run, delivery_ids: Collection[int] | None, user_id: int) -> int:
    """Leave them in doubt for good; nobody is asked again. Gives how many."""
    return _decide(run, delivery_ids, user_id)


def retry_failed(run: Run, causes: Collection[str]) -> int:
    """Queue again who failed for one of these causes. Gives how many."""
    found = db.session.execute(
        update(Delivery)
        .where(
            Delivery.run_id == run.id,
            Delivery.state == DeliveryState.FAILED,
            Delivery.cause.in_(causes),
        )
        .values(state=DeliveryState.QUEUED, next_attempt_at=None, updated_at=now())
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if found:
        _go_on(run)
    return int(found)


def _decide(run: Run, delivery_ids: Collection[int] | None, user_id: int, **values: object) -> int:
    statement = update(Delivery).where(
        Delivery.run_id == run.id,
        Delivery.state == DeliveryState.IN_DOUBT,
        Delivery.decided_by.is_(None),
    )
    if delivery_ids is not None:
        statement = statement.where(Delivery.id.in_(delivery_ids))
    result = db.session.execute(
        statement.values(decided_by=user_id, updated_at=now(), **values).execution_options(
            synchronize_session=False
        )
    )
    db.session.expire_all()
    return int(result.rowcount)  # type: ignore[attr-defined]


def _go_on(run: Run) -> None:
    """A finished run opens again; a paused one waits for whoever paused it."""
    if phases.reopen(run.id):
        launching.enqueue_slices(run.id)
