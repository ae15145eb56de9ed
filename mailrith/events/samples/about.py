"""What a sample is about: a mail, what became of it, and what another server said about it."""

from dataclasses import dataclass
from datetime import datetime

KINDS = (
    "hard_bounce",
    "soft_bounce",
    "block",
    "complaint",
    "delivered",
    "deferred",
    "unsubscribed",
    "rejected",
)  # as in events.models.FactKind

# What a receiving server said, by what it comes to; only the kinds that a server's words lead to.
CODES = {
    "hard_bounce": (550, "5.1.1"),
    "soft_bounce": (552, "5.2.2"),
    "block": (550, "5.7.1"),
    "deferred": (451, "4.3.2"),
    "delivered": (250, "2.0.0"),
}
_WORDS = {
    "hard_bounce": "The email account that you tried to reach does not exist.",
    "soft_bounce": "The mailbox is full.",
    "block": "Message refused: your address is on a block list.",
    "deferred": "The system is busy, try again later.",
    "delivered": "OK, queued.",
}


def status_of(kind: str) -> str:
    """The enhanced status code; empty for what no server says."""
    return CODES[kind][1] if kind in CODES else ""


def words_of(kind: str) -> str:
    """A reply in full, such as "550 5.1.1 The email account..."; empty for what no server says."""
    code, status = CODES.get(kind, (0, ""))
    return f"{code} {status} {_WORDS[kind]}" if code else ""


@dataclass(frozen=True)
class About:
    """The mail that the event is about. event_id: the same for a repetition."""

    message_id: str
    recipient: str
    event_id: str
    at: datetime

    @property
    def mark(self) -> str:
        """What stands for the mail in the metadata of a service (content.headers.mark_of)."""
        return self.message_id.strip("<>").partition("@")[0].replace(".", "-")

    @property
    def iso(self) -> str:
        """The time as ISO 8601 writes it."""
        return self.at.isoformat()

    @property
    def seconds(self) -> int:
        """The time since 1970."""
        return int(self.at.timestamp())
