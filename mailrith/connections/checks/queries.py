"""Reads for the care of connections: checks, which ones are due, and who is told of what."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select

from mailrith.accounts.models import AuditEntry, Member, User, Workspace
from mailrith.accounts.permissions import can
from mailrith.connections.models import (
    CheckState,
    Connection,
    ConnectionCheck,
    ConnectionWorkspace,
)
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


def under_check() -> list[Connection]:
    """Every connection that is being checked now."""
    checked = select(ConnectionCheck.connection_id).where(ConnectionCheck.state.in_(OPEN))
    return list(db.session.scalars(select(Connection).where(Connection.id.in_(checked))))


def due_for_probe(moment: datetime) -> list[Connection]:
    """Paused connections whose next try has come, the longest overdue first."""
    return list(
        db.session.scalars(
            select(Connection)
            .where(Connection.probe_at <= moment, Connection.paused_at.is_not(None))
            .where(Connection.enabled, Connection.deleted_at.is_(None))
            .order_by(Connection.probe_at, Connection.id)
        )
    )


def due_for_daily_check(verified: datetime, checked: datetime) -> list[Connection]:
    """Those in use that were last found good before `verified`, and not tried since `checked`. The longest ago first."""
    tried = exists().where(
        ConnectionCheck.connection_id == Connection.id, ConnectionCheck.created_at > checked
    )
    assigned = exists().where(ConnectionWorkspace.connection_id == Connection.id)
    return list(
        db.session.scalars(
            select(Connection)
            .where(Connection.enabled, Connection.deleted_at.is_(None))
            .where(Connection.paused_at.is_(None), assigned, ~tried)
            .where((Connection.verified_at.is_(None)) | (Connection.verified_at < verified))
            .order_by(func.coalesce(Connection.verified_at, Connection.created_at), Connection.id)
        )
    )


def surplus_checks(keep: int, before: datetime) -> Select[int]:
    """SELECT of the ids of checks made before then, without the newest `keep` of each connection."""
    place = func.row_number().over(
        partition_by=ConnectionCheck.connection_id, order_by=ConnectionCheck.id.desc()
    )
    numbered = select(
        ConnectionCheck.id, ConnectionCheck.created_at.label("at"), place.label("place")
    ).subquery()
    return select(numbered.c.id).where(numbered.c.place > keep, numbered.c.at < before)


def managers_of(connection: Connection) -> list[tuple[User, Workspace]]:
    """Everybody who may manage the connection, each once, with a workspace where they may."""
    rows = db.session.execute(
        select(Member, User, Workspace)
        .join(User, User.id == Member.user_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .join(ConnectionWorkspace, ConnectionWorkspace.workspace_id == Workspace.id)
        .where(ConnectionWorkspace.connection_id == connection.id, User.active)
        .order_by(Workspace.name, Workspace.id, User.id)
    )
    found: dict[int, tuple[User, Workspace]] = {}
    for member, user, workspace in rows:
        if can(member, "connections", "manage"):
            found.setdefault(user.id, (user, workspace))
    return list(found.values())


def noted_since(
    connection: Connection, action: str, since: datetime, details: dict[str, object]
) -> bool:
    """Whether the audit log has that of this connection, with at least these details."""
    wanted = {"connection": str(connection.public_id), **details}
    entries = db.session.scalars(
        select(AuditEntry.details).where(
            AuditEntry.account_id == connection.account_id,
            AuditEntry.action == action,
            AuditEntry.at > since,
        )
    )
    return any(wanted.items() <= entry.items() for entry in entries)
