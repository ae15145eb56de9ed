"""Entry points of the scheduler. Sending is `delivery.jobs.send_slice`, which finds its way by the run's source."""

from mailrith.core.db import db
from mailrith.messages import expiring, retention


def expire() -> None:
    """Every minute: messages that waited too long."""
    expiring.expire()
    db.session.commit()


def prune() -> None:
    """Forget the bytes of finished messages, and old messages, in small transactions."""
    for _ in retention.prune():
        db.session.commit()
