"""Entry points: one check of a From domain, and the daily round."""

from mailrith.connections.sender_checks import actions, queries
from mailrith.connections.sender_checks.examination import examine
from mailrith.connections.sender_checks.lookup import Lookup
from mailrith.core import config
from mailrith.core.db import db

A_ROUND = 50  # a round comes every half minute


def check(connection_id: int) -> None:
    """Look one domain up. Safe to run twice."""
    subject = actions.begin(connection_id)
    db.session.commit()  # nothing waits for the network inside a transaction
    if subject is not None:
        found = examine(subject, Lookup.of(config.current()))
        actions.record(connection_id, found)
        db.session.commit()


def ask_due() -> None:
    """Have everything looked at that was not looked at today, or whose From was changed."""
    for connection_id in queries.due(A_ROUND):
        actions.ask_by_id(connection_id)
        db.session.commit()
