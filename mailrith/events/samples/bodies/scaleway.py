"""Scaleway TEM: what stands in the message of its topic."""

from typing import Any

from mailrith.events.samples.about import CODES, About, words_of

EVENTS = {
    "hard_bounce": "email_mailbox_not_found",
    "soft_bounce": "email_dropped",
    "block": "email_spam",
    "delivered": "email_delivered",
    "deferred": "email_deferred",
    "rejected": "email_blocklisted",
}


def body(kind: str, about: About) -> Any:
    """One event."""
    code, _ = CODES.get(kind, (0, ""))
    event: dict[str, Any] = {
        "id": about.event_id,
        "type": EVENTS[kind],
        "created_at": about.iso,
        "email_to": about.recipient,
        "email_headers": [{"key": "X-Mailrith-Delivery", "value": about.mark}],
    }
    if kind == "rejected":
        return event | {"blocklist_reason": "mailbox_not_found"}
    return event | {
        "email_response_code": code,
        "email_response_message": words_of(kind).removeprefix(f"{code} "),
    }
