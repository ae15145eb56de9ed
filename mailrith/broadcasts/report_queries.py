"""Reads for the report of a run that the caller has found in its workspace."""

from collections.abc import Sequence

from sqlalchemy import func, select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.subscribers.models import Subscriber, SubscriberStatus


def people_of(deliveries: Sequence[Delivery]) -> dict[int, Subscriber]:
    """Who they are, by subscriber id; deleted people are not there any more."""
    ids = {found.subscriber_id for found in deliveries if found.subscriber_id is not None}
    rows = db.session.scalars(select(Subscriber).where(Subscriber.id.in_(ids)))
    return {found.id: found for found in rows}


def undecided(run: Run) -> int:
    """How many in doubt wait for a decision."""
    people = db.session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.run_id == run.id,
            Delivery.state == DeliveryState.IN_DOUBT,
            Delivery.decided_by.is_(None),
        )
    )
    return people or 0


def unsubscribed_since(run: Run) -> int:
    """How many of those it was sent to have unsubscribed since it began."""
    if run.started_at is None:
        return 0
    people = db.session.scalar(
        select(func.count())
        .select_from(Delivery)
        .join(Subscriber, Subscriber.id == Delivery.subscriber_id)
        .where(
            Delivery.run_id == run.id,
            Delivery.state == DeliveryState.SENT,
            Subscriber.status == SubscriberStatus.UNSUBSCRIBED,
            Subscriber.status_changed_at >= run.started_at,
        )
    )
    return people or 0
