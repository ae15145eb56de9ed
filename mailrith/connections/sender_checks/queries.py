"""Which connections are due for a look at their From domain, and which test mails they sent."""

from datetime import timedelta

from sqlalchemy import exists, or_, select

from mailrith.connections.models import Connection, ConnectionTrial, ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db

EVERY = timedelta(days=1)
ASKED_AGAIN_AFTER = timedelta(minutes=5)  # a job that was lost with the queue


def due(limit: int) -> list[int]:
    """Ids of connections in use that were not looked at today, or whose From is another one now; the longest waiting first."""
    report = Connection.sender_report
    asked = report["asked_at"].as_string()
    found = db.session.scalars(
        select(Connection.id)
        .where(
            Connection.deleted_at.is_(None),
            Connection.enabled,
            exists().where(ConnectionWorkspace.connection_id == Connection.id),
            or_(
                Connection.sender_checked_at.is_(None),
                Connection.sender_checked_at < now() - EVERY,
                report["sender"].as_string() != Connection.from_email,
            ),
            # ISO 8601 in UTC sorts as time does
            or_(asked.is_(None), asked < (now() - ASKED_AGAIN_AFTER).isoformat()),
        )
        .order_by(Connection.sender_checked_at.asc().nulls_first(), Connection.id)
        .limit(limit)
    )
    return list(found)


def trial_of(connection: Connection, message_ids: tuple[str, ...]) -> ConnectionTrial | None:
    """The test mail of this connection with one of these Message-IDs."""
    return db.session.scalar(
        select(ConnectionTrial).where(
            ConnectionTrial.connection_id == connection.id,
            ConnectionTrial.message_id.in_(message_ids),
        )
    )
