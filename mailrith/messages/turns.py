"""A call that stops at the first refusal: its recipients come one after another, and a refusal cancels the rest.

That nobody is marked out of turn is the ledger's matter (`statements`); what is here may run at any time, and twice.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select

from mailrith.core.db import database_epoch, db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from mailrith.delivery.runs import launching, phases
from mailrith.messages import queries


def go_on(call_id: UUID) -> None:
    """Cancel the rest after a refusal, or let the next one come. The caller commits."""
    run_ids = queries.runs_of_call(call_id)
    if _somebody(run_ids, DeliveryState.FAILED):
        _cancel(run_ids)
    elif not _somebody(run_ids, DeliveryState.SENDING):  # or whoever waits for that answer goes on
        _call_next(run_ids)


def _somebody(run_ids: Sequence[int], state: DeliveryState) -> bool:
    found = select(Delivery.id).where(Delivery.run_id.in_(run_ids), Delivery.state == state)
    return db.session.scalar(found.limit(1)) is not None


def _cancel(run_ids: Sequence[int]) -> None:
    waiting = select(Run.id).where(
        Run.id.in_(run_ids), Run.phase.in_((RunPhase.SENDING, RunPhase.PAUSED))
    )
    for run_id in db.session.scalars(waiting).all():
        phases.move(run_id, to=RunPhase.CANCELING, out_of=(RunPhase.SENDING, RunPhase.PAUSED))
        phases.cancel_the_rest(run_id)


def _call_next(run_ids: Sequence[int]) -> None:
    """Whoever is first, unless another worker has them at hand or their message rests."""
    first = select(func.min(Delivery.id)).where(
        Delivery.run_id.in_(run_ids), Delivery.state == DeliveryState.QUEUED
    )
    free = or_(Delivery.lease_until.is_(None), Delivery.lease_until < database_epoch())
    row = db.session.execute(
        select(Delivery.run_id, Delivery.connection_id)
        .join(Run, Run.id == Delivery.run_id)
        .where(Delivery.id == first.scalar_subquery(), Run.phase == RunPhase.SENDING, free)
    ).one_or_none()
    if row is not None:
        launching.enqueue_slice(row.run_id, row.connection_id)
