"""Whether a connection reports what it delivers. Where it does not, a mail of which nothing is heard counts as arrived.

So the first report changes what is known of everybody else in that sending. It comes within minutes as a rule, and nobody has counted
anything by then; when it comes after days, those who seemed to have got a mail meanwhile are weighed anew.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState
from mailrith.events import arrays
from mailrith.events.bounce_runs import SILENCE
from mailrith.events.models import DeliveryFact, FactKind
from mailrith.subscribers.models import Subscriber

CAME_BACK = (FactKind.SOFT_BOUNCE, FactKind.HARD_BOUNCE, FactKind.BLOCK, FactKind.REJECTED)
_SAMPLE = 1000  # mails of a sending that show whether its connection reports deliveries

Way = tuple[int, int | None]  # run, connection


def tells(way: Way) -> bool:
    """Whether this connection reported a delivery among the first mails of this sending."""
    return db.session.scalar(_reports(way).limit(1)) is not None


def nothing_said() -> ColumnElement[bool]:
    """Of a delivery: neither that it arrived nor that it came back."""
    kinds = DeliveryFact.kind.in_([*CAME_BACK, FactKind.DELIVERED])
    return ~select(DeliveryFact.id).where(DeliveryFact.delivery_id == Delivery.id, kinds).exists()


def wrongly_arrived(delivered: Collection[int]) -> dict[int, bytes]:
    """People with bounces whose silent mails counted as arrived until just now: id -> fingerprint.

    delivered: the deliveries of which it has just been written that they arrived.
    """
    found: dict[int, bytes] = {}
    for way in _ways(delivered):
        before = (
            _reports(way).where(~arrays.among(DeliveryFact.delivery_id, sorted(delivered))).limit(1)
        )
        if _began_long_ago(way) and db.session.scalar(before) is None:
            found.update({row[0]: row[1] for row in db.session.execute(_silent(way))})
    return found


def _ways(deliveries: Collection[int]) -> list[Way]:
    if not deliveries:
        return []
    query = select(Delivery.run_id, Delivery.connection_id).distinct()
    rows = db.session.execute(query.where(arrays.among(Delivery.id, sorted(deliveries))))
    return [(run_id, connection_id) for run_id, connection_id in rows]


def _began_long_ago(way: Way) -> bool:
    first = select(Delivery.updated_at).where(*_sent(way)).order_by(Delivery.id).limit(1)
    at = db.session.scalar(first)
    return at is not None and at <= now() - SILENCE


def _silent(way: Way) -> Select[int, bytes]:
    other = aliased(Delivery)
    bounced = (
        select(DeliveryFact.id)
        .join(other, other.id == DeliveryFact.delivery_id)
        .where(other.subscriber_id == Subscriber.id, DeliveryFact.kind == FactKind.SOFT_BOUNCE)
    )
    return (
        select(Subscriber.id, Subscriber.fingerprint)
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .where(*_sent(way), Delivery.updated_at <= now() - SILENCE)
        .where(nothing_said(), bounced.exists())
    )


def _reports(way: Way) -> Select[int]:
    first = select(Delivery.id).where(*_sent(way)).order_by(Delivery.id).limit(_SAMPLE)
    return select(DeliveryFact.id).where(
        DeliveryFact.delivery_id.in_(select(first.subquery().c.id)),
        DeliveryFact.kind == FactKind.DELIVERED,
    )


def _sent(way: Way) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.run_id == way[0],
        Delivery.connection_id == way[1],
        Delivery.state == DeliveryState.SENT,
    )
