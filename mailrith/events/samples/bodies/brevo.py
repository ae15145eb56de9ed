"""Brevo."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": "hard_bounce",
    "soft_bounce": "soft_bounce",
    "block": "soft_bounce",
    "complaint": "spam",
    "delivered": "delivered",
    "deferred": "deferred",
    "unsubscribed": "unsubscribed",
    "rejected": "blocked",
}


def body(kind: str, about: About) -> Any:
    """One event."""
    return {
        "event": EVENTS[kind],
        "email": about.recipient,
        "ts_epoch": about.seconds * 1000,
        "message-id": f"<{about.event_id}@smtp-relay.example>",
        "X-Mailin-custom": f"mailrith:{about.mark}",
        "reason": "blocked : due to blacklist user" if kind == "rejected" else words_of(kind),
    }
