"""What sending means besides the ledger: people whose address is dead."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailrith.core.db import db
from mailrith.subscribers import actions as subscribers
from mailrith.suppression import actions as suppression
from mailrith.suppression.models import SuppressionReason

BOUNCED = SuppressionReason.BOUNCED


@dataclass(frozen=True, slots=True)
class HardBounce:
    """The server said at RCPT that nobody lives there. `subscriber_id` is None for an address that nobody here has."""

    workspace_id: int
    subscriber_id: int | None
    fingerprint: bytes
    words: str


def record_hard_bounces(bounces: Iterable[HardBounce]) -> None:
    """Bounced and suppressed, each in a transaction with its timeline. Commits."""
    db.session.rollback()
    for bounce in bounces:
        if bounce.subscriber_id is None:
            suppression.suppress(
                bounce.workspace_id, bounce.fingerprint, None, BOUNCED, bounce.words
            )
        else:
            subscribers.record_hard_bounce(
                bounce.subscriber_id, bounce.words, fingerprint=bounce.fingerprint
            )
    db.session.commit()
