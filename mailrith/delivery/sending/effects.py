"""What sending means besides the ledger: people whose address is dead."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailrith.core.db import db
from mailrith.subscribers import actions as subscribers
from mailrith.subscribers.models import Subscriber
from mailrith.suppression import actions as suppression
from mailrith.suppression.models import SuppressionReason

BOUNCED = SuppressionReason.BOUNCED


@dataclass(frozen=True, slots=True)
class HardBounce:
    """The server said at RCPT that nobody lives there. `subscriber_id` is None for an address that nobody here has; its person may be deleted meanwhile."""

    workspace_id: int
    subscriber_id: int | None
    fingerprint: bytes
    words: str


def record_hard_bounces(bounces: Iterable[HardBounce]) -> None:
    """Bounced and suppressed, each in a transaction with its timeline. Commits."""
    db.session.rollback()
    for bounce in bounces:
        there = bounce.subscriber_id and db.session.get(Subscriber, bounce.subscriber_id)
        if there:
            subscribers.record_hard_bounce(there.id, bounce.words, fingerprint=bounce.fingerprint)
        else:
            suppression.suppress(
                bounce.workspace_id, bounce.fingerprint, None, BOUNCED, bounce.words
            )
    db.session.commit()
