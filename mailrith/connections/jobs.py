"""Entry points of workers and of the scheduler: ids in, one call."""

from mailrith.connections import checking
from mailrith.core.db import db


def check(check_id: int) -> None:
    """One Verify, step by step. Safe to run twice: the second one finds it taken."""
    begun = checking.begin(check_id)
    db.session.commit()  # nothing waits for the network inside a transaction
    if begun is not None:
        report = checking.talk(begun, written=db.session.commit)
        checking.finish(begun, report)
        db.session.commit()
