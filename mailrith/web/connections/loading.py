"""The connection of an address, and whose request it is."""

from typing import cast
from uuid import UUID

from flask import abort, g
from flask_login import current_user

from mailrith.accounts.models import MemberRole, User
from mailrith.accounts.permissions import can
from mailrith.accounts.queries import account_of
from mailrith.connections import queries
from mailrith.connections.models import Connection
from mailrith.connections.sight import EVERYTHING, Sight, sight_of


def load(public_id: UUID) -> Connection:
    """A connection of this workspace, or for the owner of any of the account's; 404 for everything else."""
    found = queries.get(g.workspace.id, public_id)
    if found is None and sees_account():
        found = queries.get_in_account(g.workspace.account_id, public_id)
    return found or abort(404)


def sees_account() -> bool:
    """Whether the person sees what belongs to the account's other workspaces too."""
    return bool(g.member.role == MemberRole.OWNER)


def sight_here() -> Sight:
    """What the person sees of connections that several workspaces share."""
    return EVERYTHING if sees_account() else sight_of(person(), g.workspace.account_id)


def sees_whole(connection: Connection) -> bool:
    """Whether there is no workspace behind it of which the person sees nothing."""
    return sight_here().whole(queries.workspaces_of([connection.id])[connection.id])


def may_manage() -> bool:
    """Whether buttons that change something are shown."""
    return can(g.member, "connections", "manage")


def person() -> User:
    """Who asks."""
    return cast("User", current_user)


def owns_account() -> bool:
    """Whether the account is the person's own: some risks only its owner may take."""
    account = account_of(person().id)
    return account is not None and account.id == g.workspace.account_id
