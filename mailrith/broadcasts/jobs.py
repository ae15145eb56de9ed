"""Entry points of workers and of the scheduler."""

from mailrith.broadcasts import queries, starting
from mailrith.core.clock import now
from mailrith.core.db import db


def start_due() -> None:
    """Start every broadcast whose time has come; each in a transaction of its own."""
    due = queries.due_ids(now())
    db.session.commit()
    for broadcast_id in due:
        starting.start_scheduled(broadcast_id)
        db.session.commit()
