"""SMTP2GO, as JSON."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": {"event": "bounce", "bounce": "hard"},
    "soft_bounce": {"event": "bounce", "bounce": "soft"},
    "block": {"event": "bounce", "bounce": "soft"},
    "complaint": {"event": "spam"},
    "delivered": {"event": "delivered"},
    "unsubscribed": {"event": "unsubscribe"},
    "rejected": {"event": "reject", "message": "recipient is on the suppression list"},
}


def body(kind: str, about: About) -> Any:
    """One event."""
    return {
        "time": about.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rcpt": about.recipient,
        "email_id": about.event_id,
        "id": about.event_id,
        "X-Mailrith-Delivery": about.mark,
        "message": words_of(kind),
    } | EVENTS[kind]
