"""Mailtrap."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": {"event": "bounce", "bounce_category": "badmailbox"},
    "soft_bounce": {"event": "bounce", "bounce_category": "quota"},
    "block": {"event": "bounce", "bounce_category": "policy"},
    "complaint": {"event": "spam"},
    "delivered": {"event": "delivery"},
    "deferred": {"event": "soft bounce", "bounce_category": "other"},
    "unsubscribed": {"event": "unsubscribe"},
    "rejected": {"event": "reject", "reason": "Recipient in suppression list: hard bounce"},
}


def body(kind: str, about: About) -> Any:
    """A batch of one."""
    event: dict[str, Any] = EVENTS[kind] | {
        "event_id": about.event_id,
        "message_id": about.event_id,
        "email": about.recipient,
        "timestamp": about.seconds,
        "custom_variables": {"mailrith": about.mark},
    }
    if "bounce_category" in event:
        event["response"] = words_of(kind)
    return {"events": [event]}
