"""Elastic Email, as JSON."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": {"status": "Error", "category": "NoMailbox"},
    "soft_bounce": {"status": "Error", "category": "AccountProblem"},
    "block": {"status": "Error", "category": "BlackListed"},
    "complaint": {"status": "AbuseReport"},
    "delivered": {"status": "Delivered"},
    "unsubscribed": {"status": "Unsubscribed"},
    "rejected": {"status": "Error", "category": "Ignore"},
}


def body(kind: str, about: About) -> Any:
    """One event."""
    return {
        "transaction": about.event_id,
        "messageid": about.event_id,
        "to": about.recipient,
        "date": about.at.strftime("%Y-%m-%dT%H:%M:%S"),
        "postback": about.mark,
        "message": words_of(kind),
    } | EVENTS[kind]
