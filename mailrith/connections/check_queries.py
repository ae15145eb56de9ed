"""Reads of checks: the Verify that somebody waits for, and those that Mailrith makes by itself."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core.db import db

OPEN = (CheckState.WAITING, CheckState.RUNNING)


def latest(connection_id: int) -> ConnectionCheck | None:
    """The newest check of the connection."""
    return db.session.scalar(
        select(ConnectionCheck)
        .where(ConnectionCheck.connection_id == connection_id)
        .order_by(ConnectionCheck.id.desc())
        .limit(1)
    )


def get(connection: Connection, public_id: UUID) -> ConnectionCheck | None:
    """The check of that id, if it belongs to this connection."""
    return db.session.scalar(
        select(ConnectionCheck).where(
            ConnectionCheck.public_id == public_id, ConnectionCheck.connection_id == connection.id
        )
    )


def asked_since(user_id: int, since: datetime) -> int:
    """How many checks the person asked for."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(ConnectionCheck)
            .where(ConnectionCheck.asked_by == user_id, ConnectionCheck.created_at > since)
        )
        or 0
    )


def open_checks(*, older_than: timedelta, moment: datetime) -> list[ConnectionCheck]:
    """Every check of the installation that is not done and was asked for before then, oldest first."""
    return list(
        db.session.scalars(
            select(ConnectionCheck)
            .where(
                ConnectionCheck.state.in_(OPEN), ConnectionCheck.created_at < moment - older_than
            )
            .order_by(ConnectionCheck.id)
        )
    )
