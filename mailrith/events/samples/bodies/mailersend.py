"""MailerSend, in its newer form."""

from typing import Any

from mailrith.events.samples.about import CODES, About, words_of

EVENTS = {
    "hard_bounce": ("hard_bounced", "bounce_reason"),
    "soft_bounce": ("soft_bounced", "bounce_reason"),
    "block": ("soft_bounced", "bounce_reason"),
    "complaint": ("spam_complaint", ""),
    "delivered": ("delivered", ""),
    "deferred": ("deferred", ""),
    "unsubscribed": ("unsubscribed", ""),
    "rejected": ("suppressed", "suppression_reason"),
}


def body(kind: str, about: About) -> Any:
    """One event."""
    name, reason = EVENTS[kind]
    meta: Any = []  # where there is nothing to say it is a list
    if kind == "rejected":
        meta = {reason: "hard_bounced"}
    elif reason:
        code, _ = CODES[kind]
        meta = {"bounce_code": code, reason: words_of(kind).removeprefix(f"{code} ")}
    return {
        "type": f"activity.{name}",
        "created_at": about.iso,
        "data": {
            "id": about.event_id,
            "type": name,
            "message_id": about.event_id,
            "recipient": about.recipient,
            "tags": [about.mark],
            "meta": meta,
        },
    }
