"""Mandrill: what stands in the form's field."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": "hard_bounce",
    "soft_bounce": "soft_bounce",
    "block": "soft_bounce",
    "complaint": "spam",
    "delivered": "delivered",
    "deferred": "deferral",
    "unsubscribed": "unsub",
    "rejected": "reject",
}


def body(kind: str, about: About) -> Any:
    """A batch of one."""
    message = {
        "email": about.recipient,
        "diag": words_of(kind),
        "metadata": {"mailrith": about.mark},
    }
    return [{"event": EVENTS[kind], "_id": about.event_id, "ts": about.seconds, "msg": message}]
