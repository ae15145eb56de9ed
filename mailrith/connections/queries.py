"""Reads of connections, always scoped: by the workspace that may use them, or by the account that owns them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select

from mailrith.accounts.models import Member, User, Workspace
from mailrith.accounts.permissions import can
from mailrith.connections.models import Connection, ConnectionTrial, ConnectionWorkspace
from mailrith.core.db import db


def list_for_workspace(workspace: Workspace, *, whole_account: bool = False) -> list[Connection]:
    """Those the workspace may use, by name; with `whole_account` also those of the account's other workspaces and of none."""
    query = select(Connection).where(
        Connection.account_id == workspace.account_id, Connection.deleted_at.is_(None)
    )
    if not whole_account:
        query = query.where(_assigned_to(workspace.id))
    return list(db.session.scalars(query.order_by(func.lower(Connection.name), Connection.id)))


def get(workspace_id: int, public_id: UUID) -> Connection | None:
    """A connection that the workspace may use."""
    return db.session.scalar(_of_workspace(workspace_id).where(Connection.public_id == public_id))


def get_in_account(account_id: int, public_id: UUID) -> Connection | None:
    """A connection of the account, whichever workspaces use it."""
    return db.session.scalar(
        select(Connection).where(
            Connection.account_id == account_id,
            Connection.public_id == public_id,
            Connection.deleted_at.is_(None),
        )
    )


def get_by_id(workspace_id: int, connection_id: int) -> Connection | None:
    """The same as `get`, for rows that keep the inner id."""
    return db.session.scalar(_of_workspace(workspace_id).where(Connection.id == connection_id))


def usable_in(workspace_id: int) -> list[Connection]:
    """Those a broadcast of the workspace may be sent through: enabled, by name."""
    query = _of_workspace(workspace_id).where(Connection.enabled)
    return list(db.session.scalars(query.order_by(func.lower(Connection.name), Connection.id)))


def find_for_hook(public_id: UUID) -> Connection | None:
    """The connection that a webhook address names. Unscoped: the secret in the address is what opens it."""
    return db.session.scalar(
        select(Connection).where(Connection.public_id == public_id, Connection.deleted_at.is_(None))
    )


def workspaces_of(connection_ids: Iterable[int]) -> dict[int, list[Workspace]]:
    """Connection id -> the workspaces that may use it, by name."""
    wanted = list(connection_ids)
    found: dict[int, list[Workspace]] = {connection_id: [] for connection_id in wanted}
    rows = db.session.execute(
        select(ConnectionWorkspace.connection_id, Workspace)
        .join(Workspace, Workspace.id == ConnectionWorkspace.workspace_id)
        .where(ConnectionWorkspace.connection_id.in_(wanted))
        .order_by(Workspace.name, Workspace.id)
    )
    for connection_id, workspace in rows:
        found[connection_id].append(workspace)
    return found


def manageable_workspaces(user_id: int, account_id: int) -> list[Workspace]:
    """The account's workspaces in which the person may manage connections, by name."""
    return workspaces_with(user_id, account_id, "manage")


def workspaces_with(user_id: int, account_id: int, level: str) -> list[Workspace]:
    """The same for a level of the right to connections."""
    rows = db.session.execute(
        select(Member, Workspace)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Member.user_id == user_id, Workspace.account_id == account_id)
        .order_by(Workspace.name, Workspace.id)
    )
    return [workspace for member, workspace in rows if can(member, "connections", level)]


def name_is_taken(account_id: int, name: str, *, besides: int | None = None) -> bool:
    """Whether another connection of the account has this name."""
    query = select(Connection.id).where(
        Connection.account_id == account_id,
        func.lower(Connection.name) == name.lower(),
        Connection.deleted_at.is_(None),
    )
    if besides is not None:
        query = query.where(Connection.id != besides)
    return db.session.scalar(query.limit(1)) is not None


def lock_for_trial(connection_id: int, user_id: int) -> None:
    """Let nobody else count the test mails of this person or this connection until the transaction ends."""
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())
    db.session.execute(
        select(Connection.id).where(Connection.id == connection_id).with_for_update()
    )


def trials_of_person(user_id: int, since: datetime) -> int:
    """How many test mails the person asked for, through whichever connection."""
    return _count_trials(ConnectionTrial.user_id == user_id, ConnectionTrial.at > since)


def trials_of_connection(connection_id: int, since: datetime) -> int:
    """How many test mails anybody sent through it."""
    return _count_trials(ConnectionTrial.connection_id == connection_id, ConnectionTrial.at > since)


def newest_trials(connection_id: int, count: int) -> list[ConnectionTrial]:
    """The last test mails, newest first."""
    return list(
        db.session.scalars(
            select(ConnectionTrial)
            .where(ConnectionTrial.connection_id == connection_id)
            .order_by(ConnectionTrial.id.desc())
            .limit(count)
        )
    )


def _count_trials(*conditions: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(ConnectionTrial).where(*conditions)
    return db.session.scalar(counted) or 0


def _of_workspace(workspace_id: int) -> Select[Connection]:
    return select(Connection).where(_assigned_to(workspace_id), Connection.deleted_at.is_(None))


def _assigned_to(workspace_id: int) -> ColumnElement[bool]:
    return exists().where(
        ConnectionWorkspace.connection_id == Connection.id,
        ConnectionWorkspace.workspace_id == workspace_id,
    )
