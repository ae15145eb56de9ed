"""Entry points: ids in, one call."""

from mailrith.core.db import db
from mailrith.events.mailbox import fetching, trials, watching


def fetch_due() -> None:
    """Have every mailbox read that is due."""
    fetching.hand_out()
    db.session.commit()


def listen() -> None:
    """Have every mailbox read at once whose server says that something arrived."""
    waiting = fetching.watched(watching.MOST)
    db.session.rollback()  # a line is opened without a transaction
    fetching.hurry(watching.listen(waiting))
    db.session.commit()


def fetch(mailbox_id: int) -> None:
    """Read one mailbox. Safe to run twice."""
    plan = fetching.begin(mailbox_id)
    db.session.commit()  # nothing waits for the network inside a transaction
    if plan is not None:
        harvest = fetching.read(plan, db.session.commit)
        fetching.finish(plan, harvest)
        db.session.commit()


def try_out(mailbox_id: int) -> None:
    """Try one mailbox, step by step."""
    begun = trials.begin(mailbox_id)
    db.session.commit()
    if begun is not None:
        trials.run(mailbox_id, *begun, db.session.commit)
        db.session.commit()
