"""Which workspaces a connection serves, and who may change something that reaches them all."""

from sqlalchemy import delete, func, insert, select

from mailrith.accounts.models import Account, User
from mailrith.connections import queries
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.connections.uses import InUse, in_use_by
from mailrith.core.db import db
from mailrith.core.errors import Forbidden

FOREIGN = "You may not manage connections here. Ask the owner of this workspace."


def assign(connection: Connection, wanted: frozenset[int], user: User) -> bool:
    """Set the workspaces, among those where the person may manage connections; the others stay as they are.

    Whether something changed. Raises InUse when one that goes still sends through it.
    """
    own, had = manageable(connection, user), assigned(connection)
    gone, new = (had & own) - wanted, (wanted & own) - had
    uses = [use for use in in_use_by(connection.id) if use.workspace_id in gone] if gone else []
    if uses:
        raise InUse(connection.name, uses)
    db.session.execute(
        delete(ConnectionWorkspace).where(
            ConnectionWorkspace.connection_id == connection.id,
            ConnectionWorkspace.workspace_id.in_(gone),
        )
    )
    for workspace_id in sorted(new):
        row = {"workspace_id": workspace_id, "connection_id": connection.id}
        last = {"position": _next_position(workspace_id)}
        db.session.execute(insert(ConnectionWorkspace).values(row | last))
    return bool(gone or new)


def assigned(connection: Connection) -> set[int]:
    """The ids of the workspaces that may use it."""
    return {workspace.id for workspace in queries.workspaces_of([connection.id])[connection.id]}


def manageable(connection: Connection, user: User) -> set[int]:
    """The ids of the account's workspaces in which the person may manage connections."""
    found = queries.manageable_workspaces(user.id, connection.account_id)
    return {workspace.id for workspace in found}


def check_somewhere(connection: Connection, user: User) -> None:
    """Refuse whoever manages none of its workspaces; of one without any, whoever is not the owner. Raises Forbidden."""
    if not assigned(connection) & manageable(connection, user):
        owner = db.session.get_one(Account, connection.account_id).owner_id
        if owner != user.id:
            raise Forbidden(FOREIGN)


def check_everywhere(connection: Connection, user: User) -> None:
    """A change reaches every workspace that uses it, so the person must be allowed to in each. Raises Forbidden."""
    check_somewhere(connection, user)
    if assigned(connection) - manageable(connection, user):
        raise Forbidden(
            "This connection also serves workspaces in which you may not manage connections. Ask their owner."
        )


def check_in_account(account_id: int, user: User) -> None:
    """Refuse whoever manages connections in none of the account's workspaces. Raises Forbidden."""
    if not queries.manageable_workspaces(user.id, account_id):
        raise Forbidden(FOREIGN)


def _next_position(workspace_id: int) -> int:
    """After those that are there: a new connection never becomes the default by itself."""
    last = db.session.scalar(
        select(func.max(ConnectionWorkspace.position)).where(
            ConnectionWorkspace.workspace_id == workspace_id
        )
    )
    return 0 if last is None else last + 1
