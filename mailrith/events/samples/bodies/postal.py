"""Postal."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": ("MessageDeliveryFailed", "HardFail"),
    "soft_bounce": ("MessageDeliveryFailed", "HardFail"),
    "block": ("MessageDeliveryFailed", "HardFail"),
    "delivered": ("MessageSent", "Sent"),
    "deferred": ("MessageDelayed", "SoftFail"),
    "rejected": ("MessageHeld", "Held"),
}


def body(kind: str, about: About) -> Any:
    """One event."""
    event, status = EVENTS[kind]
    held = f"Recipient ({about.recipient}) is on the suppression list"
    return {
        "event": event,
        "timestamp": about.seconds,
        "uuid": about.event_id,
        "payload": {
            "message": {
                "direction": "outgoing",
                "message_id": about.message_id.strip("<>"),
                "to": about.recipient,
            },
            "status": status,
            "details": held if kind == "rejected" else "",
            "output": words_of(kind),
            "timestamp": about.seconds,
        },
    }
