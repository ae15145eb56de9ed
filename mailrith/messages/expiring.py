"""A message that waited too long is not sent any more: what it says was meant for its day."""

from sqlalchemy import or_, select, update

from mailrith.core.clock import now
from mailrith.core.db import database_epoch, db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from mailrith.delivery.runs import phases
from mailrith.delivery.runs.routes import WAITING
from mailrith.messages.models import GIVE_UP_AFTER, Message

TOO_LATE = "too_late"


def expire() -> None:
    """Fail whoever still waits of messages whose time is over. Conditional, so twice is once. The caller commits."""
    over = (
        select(Message.run_id)
        .join(Run, Run.id == Message.run_id)
        .where(
            Message.created_at < now() - GIVE_UP_AFTER,
            Run.phase.in_((RunPhase.SENDING, RunPhase.PAUSED)),
        )
    )
    run_ids = db.session.scalars(
        update(Delivery)
        .where(
            Delivery.run_id.in_(over),
            Delivery.state.in_(WAITING),
            or_(Delivery.lease_until.is_(None), Delivery.lease_until < database_epoch()),
        )
        .values(
            state=DeliveryState.FAILED,
            cause=TOO_LATE,
            next_attempt_at=None,
            lease_token=None,
            lease_until=None,
            updated_at=now(),
        )
        .returning(Delivery.run_id)
        .execution_options(synchronize_session=False)
    ).all()
    for run_id in set(run_ids):
        phases.move(run_id, to=RunPhase.CANCELING, out_of=(RunPhase.PAUSED,))
        phases.finish(run_id)
