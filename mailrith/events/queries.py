"""Reads of what came back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.events.mailbox import returned
from mailrith.events.mails import Mail
from mailrith.events.models import DeliveryFact, FactKind, HookRequest, HookRequestState
from mailrith.subscribers.models import Subscriber

DOUBT_DAYS = timedelta(days=30)  # providers tell what they tell within days
_CHUNK = 1000  # values in one IN list


def facts_of(delivery_ids: Collection[int]) -> dict[int, list[DeliveryFact]]:
    """The facts about these deliveries, oldest first."""
    found: dict[int, list[DeliveryFact]] = defaultdict(list)
    for ids in _chunks(sorted(delivery_ids)):
        rows = db.session.scalars(
            select(DeliveryFact)
            .where(DeliveryFact.delivery_id.in_(ids))
            .order_by(DeliveryFact.occurred_at, DeliveryFact.id)
        )
        for fact in rows:
            found[fact.delivery_id].append(fact)
    return found


def people_by_kind(workspace_id: int, run_id: int) -> dict[FactKind, int]:
    """How many people of a run each kind of fact is about; one person counts once for a kind."""
    rows = db.session.execute(
        select(DeliveryFact.kind, func.count(DeliveryFact.delivery_id.distinct()))
        .join(Delivery, Delivery.id == DeliveryFact.delivery_id)
        .where(Delivery.run_id == run_id, DeliveryFact.workspace_id == workspace_id)
        .group_by(DeliveryFact.kind)
    )
    found = {FactKind(kind): count for kind, count in rows}
    return {kind: found.get(kind, 0) for kind in FactKind}


def person_of(delivery: Mail) -> Subscriber | None:
    """Who has the delivery's address now, or else who was mailed: people are edited, deleted and added again."""
    holder = db.session.scalar(
        select(Subscriber).where(
            Subscriber.workspace_id == delivery.workspace_id,
            Subscriber.fingerprint == delivery.fingerprint,
        )
    )
    if holder is not None or delivery.subscriber_id is None:
        return holder
    return db.session.get(Subscriber, delivery.subscriber_id)


def recent_requests(connection_id: int, limit: int = 20) -> Sequence[HookRequest]:
    """What arrived last at a connection, newest first."""
    return db.session.scalars(
        select(HookRequest)
        .where(HookRequest.connection_id == connection_id)
        .order_by(HookRequest.id.desc())
        .limit(limit)
    ).all()


def count_since(connection_id: int, since: datetime) -> int:
    """How many requests arrived at a connection since then."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(HookRequest)
            .where(HookRequest.connection_id == connection_id, HookRequest.received_at >= since)
        )
        or 0
    )


def last_request_at(connection_id: int) -> datetime | None:
    """When a connection's webhook took something last; None when nothing is kept. Mails that were fetched are not posted."""
    return db.session.scalar(
        select(HookRequest.received_at)
        .where(HookRequest.connection_id == connection_id, HookRequest.source != returned.SOURCE)
        .order_by(HookRequest.id.desc())
        .limit(1)
    )


def received(*, tried: bool, older_than: timedelta = timedelta()) -> Select[int]:
    """Requests that are not applied yet, whether or not somebody has tried; oldest first."""
    return (
        select(HookRequest.id)
        .where(
            HookRequest.state == HookRequestState.RECEIVED,
            HookRequest.attempts > 0 if tried else HookRequest.attempts == 0,
            HookRequest.received_at <= now() - older_than,
        )
        .order_by(HookRequest.id)
    )


def doubts_with_evidence(limit: int) -> Sequence[int]:
    """Deliveries in doubt about which somebody has told us something since: so the connection did take them."""
    # By their runs, which are few, so that the index over a run's states is used.
    return db.session.scalars(
        select(Delivery.id)
        .join(Run, Run.id == Delivery.run_id)
        .where(
            Run.created_at > now() - DOUBT_DAYS,
            Delivery.state == DeliveryState.IN_DOUBT,
            select(DeliveryFact.id).where(DeliveryFact.delivery_id == Delivery.id).exists(),
        )
        .limit(limit)
    ).all()


def _chunks(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
