"""What sending means besides the ledger: people whose address is dead."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailrith.core.db import db
from mailrith.subscribers import actions as subscribers


@dataclass(frozen=True, slots=True)
class HardBounce:
    """The server said at RCPT that nobody lives there."""

    subscriber_id: int
    fingerprint: bytes
    words: str


def record_hard_bounces(bounces: Iterable[HardBounce]) -> None:
    """Bounced and suppressed, each in a transaction with its timeline. Commits."""
    db.session.rollback()
    for bounce in bounces:
        subscribers.record_hard_bounce(
            bounce.subscriber_id, bounce.words, fingerprint=bounce.fingerprint
        )
    db.session.commit()
