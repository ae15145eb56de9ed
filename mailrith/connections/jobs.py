"""Entry points of workers and of the scheduler: ids in, one call."""

from mailrith.connections.checks import checking, tending
from mailrith.core.db import db


def check(check_id: int) -> None:
    """One Verify, step by step. Safe to run twice: the second one finds it taken."""
    begun = checking.begin(check_id)
    db.session.commit()  # nothing waits for the network inside a transaction
    if begun is not None:
        report = checking.talk(begun, written=db.session.commit)
        checking.finish(begun, report)
        db.session.commit()


def probe_paused() -> None:
    """Every few seconds: paused connections whose next try has come."""
    tending.probe_paused()
    db.session.commit()


def verify_daily() -> None:
    """Every few seconds: some of those that nobody has looked at for a day."""
    tending.verify_daily()
    db.session.commit()


def find_lost_checks() -> None:
    """Every few seconds: checks that lost their worker or their place in the queue."""
    tending.find_lost_checks()
    db.session.commit()


def prune_checks() -> None:
    """Daily: old checks go."""
    tending.prune()
    db.session.commit()
