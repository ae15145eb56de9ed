"""SendGrid's Event Webhook."""

from typing import Any

from mailrith.events.samples.about import About, status_of, words_of

EVENTS = {
    "hard_bounce": {"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"},
    "soft_bounce": {"event": "bounce", "type": "blocked", "bounce_classification": "Mailbox Unavailable"},
    "block": {"event": "bounce", "type": "blocked", "bounce_classification": "Reputation"},
    "complaint": {"event": "spamreport"},
    "delivered": {"event": "delivered", "response": words_of("delivered")},
    "deferred": {"event": "deferred", "response": words_of("deferred"), "attempt": "5"},
    "unsubscribed": {"event": "unsubscribe"},
    "rejected": {"event": "dropped", "reason": "Bounced Address"},
}  # fmt: skip


def body(kind: str, about: About) -> Any:
    """A batch of one."""
    event: dict[str, Any] = {
        "email": about.recipient,
        "timestamp": about.seconds,
        "sg_event_id": about.event_id,
        "mailrith": about.mark,
    } | EVENTS[kind]
    if event["event"] == "bounce":
        event |= {"status": status_of(kind), "reason": words_of(kind)}
    return [event]
