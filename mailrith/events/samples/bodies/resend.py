"""Resend."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "hard_bounce": ("email.bounced", {"type": "Permanent", "subType": "General"}),
    "soft_bounce": ("email.bounced", {"type": "Transient", "subType": "MailboxFull"}),
    "block": ("email.bounced", {"type": "Transient", "subType": "ContentRejected"}),
    "complaint": ("email.complained", {}),
    "delivered": ("email.delivered", {}),
    "deferred": ("email.delivery_delayed", {}),
    "rejected": ("email.bounced", {"type": "Permanent", "subType": "Suppressed"}),
}


def body(kind: str, about: About) -> Any:
    """One event."""
    event, bounce = EVENTS[kind]
    data: dict[str, Any] = {
        "email_id": about.event_id,
        "created_at": about.iso,
        "to": [about.recipient],
        "headers": [{"name": "X-Mailrith-Delivery", "value": about.mark}],
    }
    if bounce:
        words = words_of(kind)
        message = "The recipient's server sent a bounce message."
        data["bounce"] = bounce | {"message": message, "diagnosticCode": [words] if words else []}
    return {"type": event, "created_at": about.iso, "data": data}
