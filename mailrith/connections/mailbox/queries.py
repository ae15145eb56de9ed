"""Reads of bounce mailboxes."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select

from mailrith.connections.mailbox.models import BounceMailbox, Protocol
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db


def of(connection_id: int) -> BounceMailbox | None:
    """The mailbox of a connection, if it has one."""
    return db.session.scalar(
        select(BounceMailbox).where(BounceMailbox.connection_id == connection_id)
    )


def of_all(connection_ids: Collection[int]) -> Sequence[BounceMailbox]:
    """The mailboxes of several, in one query."""
    return db.session.scalars(
        select(BounceMailbox).where(BounceMailbox.connection_id.in_(connection_ids))
    ).all()


def envelope_of(connection: Connection) -> str:
    """The sender on the envelope of a mail that names no message: the mailbox's address, or else From."""
    mailbox = of(connection.id)
    return mailbox.address if mailbox else connection.from_email


def due(limit: int) -> Sequence[BounceMailbox]:
    """Those that should be read now and that no worker reads, of connections that still exist."""
    moment = now()
    return db.session.scalars(
        select(BounceMailbox)
        .join(Connection, Connection.id == BounceMailbox.connection_id)
        .where(
            Connection.deleted_at.is_(None),
            BounceMailbox.next_at <= moment,
            or_(BounceMailbox.busy_until.is_(None), BounceMailbox.busy_until < moment),
        )
        .order_by(BounceMailbox.next_at)
        .limit(limit)
    ).all()


def readable(protocol: Protocol, limit: int) -> Sequence[BounceMailbox]:
    """Those of this protocol that were read without trouble the last time, of connections that still exist."""
    return db.session.scalars(
        select(BounceMailbox)
        .join(Connection, Connection.id == BounceMailbox.connection_id)
        .where(
            Connection.deleted_at.is_(None),
            BounceMailbox.protocol == protocol,
            BounceMailbox.failing_since.is_(None),
            BounceMailbox.fetched_at.is_not(None),
        )
        .order_by(BounceMailbox.id)
        .limit(limit)
    ).all()
