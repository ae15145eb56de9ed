"""Counts what came back of each connection's mail, from deliveries and facts, and lets connections judge it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from mailrith.connections.models import Connection, ConnectionReputation
from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import WINDOW, Reputation
from mailrith.core.clock import now
from mailrith.core.db import db, transaction_mode
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunRoute
from mailrith.events.models import BAD_KINDS, DeliveryFact, FactKind

AT_LEAST = timedelta(
    hours=1
)  # so often a connection is counted even when nothing happens: a week moves on

# Refused at once for the recipient's or the sender's sake. A full mailbox is neither.
REFUSED = (
    "content_refused",
    "domain_unknown",
    "mailbox_disabled",
    "mailbox_unknown",
    "policy_refused",
)
BOUNCES = (FactKind.HARD_BOUNCE, FactKind.BLOCK)


def watch() -> Iterator[int]:
    """Count every connection of which something may have changed, and stop those of which too much came back.

    Gives the id of each as it is noted; the caller commits then.
    """
    with transaction_mode(read_only=True):  # counting a long week keeps nobody from writing
        counted = {connection_id: count(connection_id) for connection_id in due()}
        db.session.rollback()
    for connection_id, found in counted.items():
        reputation.note(connection_id, found)
        yield connection_id


def due() -> Sequence[int]:
    """The connections of which something may have changed since they were counted. Paused ones keep their count."""
    moment, counted = now(), ConnectionReputation.counted_at
    on_the_way = select(RunRoute.run_id).join(Run, Run.id == RunRoute.run_id)
    on_the_way = on_the_way.where(RunRoute.connection_id == Connection.id)
    told = select(DeliveryFact.id).join(Delivery, Delivery.id == DeliveryFact.delivery_id)
    told = told.where(Delivery.connection_id == Connection.id, BAD_KINDS)
    return db.session.scalars(
        select(Connection.id)
        .outerjoin(ConnectionReputation, ConnectionReputation.connection_id == Connection.id)
        .where(
            Connection.paused_at.is_(None),
            Connection.deleted_at.is_(None),
            on_the_way.where(*_sent_since(moment - WINDOW)).exists(),
            or_(
                counted.is_(None),
                counted < moment - AT_LEAST,
                on_the_way.where(*_sent_since(counted)).exists(),
                told.where(DeliveryFact.recorded_at >= counted).exists(),
            ),
        )
        .order_by(Connection.id)
    ).all()


def count(connection_id: int) -> Reputation:
    """What became of the mail of the connection that counts now."""
    since = reputation.count_from(connection_id)
    mine = _mine(connection_id, since)
    refused = and_(Delivery.state == DeliveryState.FAILED, Delivery.cause.in_(REFUSED))
    rows = db.session.execute(
        select(Delivery.state, func.count())
        .where(*mine, or_(Delivery.state == DeliveryState.SENT, refused))
        .group_by(Delivery.state)
    )
    answers = {DeliveryState(state): messages for state, messages in rows}
    failed = answers.get(DeliveryState.FAILED, 0)
    return Reputation(
        answered=answers.get(DeliveryState.SENT, 0) + failed,
        bounced=failed + _told(mine, since, BOUNCES),
        complained=_told(mine, since, (FactKind.COMPLAINT,)),
    )


def _told(mine: Sequence[ColumnElement[bool]], since: datetime, kinds: Sequence[FactKind]) -> int:
    """Messages that were taken, and of which somebody said this afterwards."""
    return (
        db.session.scalar(
            select(func.count(DeliveryFact.delivery_id.distinct()))
            .join(Delivery, Delivery.id == DeliveryFact.delivery_id)
            .where(
                BAD_KINDS,  # as the index says it
                DeliveryFact.kind.in_(kinds),
                DeliveryFact.recorded_at >= since,
                Delivery.state == DeliveryState.SENT,
                *mine,
            )
        )
        or 0
    )


def _mine(connection_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    runs = (
        select(RunRoute.run_id)
        .join(Run, Run.id == RunRoute.run_id)
        .where(RunRoute.connection_id == connection_id, *_sent_since(since))
    )
    return (
        Delivery.run_id.in_(runs),
        Delivery.connection_id == connection_id,
        Delivery.updated_at >= since,
    )


def _sent_since(since: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions on runs that may have sent something since then (a moment, or a column)."""
    ended = or_(Run.finished_at.is_(None), Run.finished_at >= since)
    return (Run.started_at.is_not(None), ended)
