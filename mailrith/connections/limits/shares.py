"""How much of a connection's limits each of its workspaces may use."""

from collections.abc import Mapping

from sqlalchemy import select, update

from mailrith.accounts.models import User
from mailrith.connections import assigning
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.db import db
from mailrith.core.errors import Invalid

WHOLE = 100  # per cent


def of(connection_id: int) -> dict[int, int]:
    """Workspace id -> per cent, of those that may not use all of it."""
    rows = db.session.execute(
        select(ConnectionWorkspace.workspace_id, ConnectionWorkspace.share).where(
            ConnectionWorkspace.connection_id == connection_id,
            ConnectionWorkspace.share.is_not(None),
        )
    )
    return {row.workspace_id: row.share for row in rows}


def share_of(connection_id: int, workspace_id: int) -> int | None:
    """What the workspace may use, in per cent; None is all of it."""
    return of(connection_id).get(workspace_id)


def change(connection: Connection, wanted: Mapping[int, int | None], user: User) -> bool:
    """Set the shares of these workspaces, as far as the person manages connections there and they use it.

    Whether something changed. Raises Invalid for the field `share_<workspace id>`.
    """
    before, own = of(connection.id), assigning.manageable(connection, user)
    changed = False
    for workspace_id in own & assigning.assigned(connection) & wanted.keys():
        share = wanted[workspace_id]
        if share is not None and not 1 <= share <= WHOLE:
            raise Invalid("From 1 to 100 per cent.", field=f"share_{workspace_id}")
        share = None if share == WHOLE else share
        if before.get(workspace_id) == share:
            continue
        db.session.execute(
            update(ConnectionWorkspace)
            .where(
                ConnectionWorkspace.connection_id == connection.id,
                ConnectionWorkspace.workspace_id == workspace_id,
            )
            .values(share=share)
        )
        changed = True
    return changed
