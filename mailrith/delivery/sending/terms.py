"""On which terms a slice may use its connection: with whom it shares, and what a person set for groups of receivers."""

from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits import ramps, receiver_limits
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery.pacing import windows
from mailrith.delivery.pacing.pace import Pace
from mailrith.delivery.sending.order import Order


def pace_of(order: Order, me: str) -> Pace:
    """The slice's part of what its connection may do; `me` names the worker. With its first message a warm-up begins. Commits."""
    connection = db.session.get_one(Connection, order.connection_id)
    marked, begun = limit_groups.refresh(connection), ramps.begin(connection)
    if marked or begun:
        db.session.commit()
    try:
        return Pace(
            order.connection_id,
            order.run_id,
            me,
            workspace_id=order.workspace_id,
            group=windows.group_of(connection, order.workspace_id),
            receivers=receiver_limits.of(connection.receiver_limits),
        )
    finally:
        db.session.rollback()  # nothing waits for the network inside a transaction
