"""Mailjet."""

from typing import Any

from mailrith.events.samples.about import About, words_of

_BOUNCE = {"event": "bounce", "blocked": False}
EVENTS: dict[str, dict[str, Any]] = {
    "hard_bounce": _BOUNCE | {"hard_bounce": True, "error": "user unknown", "blocked": True},
    "soft_bounce": _BOUNCE | {"hard_bounce": False, "error": "quota exceeded"},
    "block": _BOUNCE | {"hard_bounce": False, "error": "sender blocked"},
    "complaint": {"event": "spam", "source": "JMRPP"},
    "delivered": {"event": "sent"},
    "deferred": _BOUNCE | {"hard_bounce": False, "error": "greylisted"},
    "unsubscribed": {"event": "unsub", "mj_list_id": 1},
    "rejected": {"event": "blocked", "error_related_to": "recipient", "error": "preblocked"},
}


def body(kind: str, about: About) -> Any:
    """One event."""
    event = {
        "time": about.seconds,
        "MessageID": int.from_bytes(about.event_id.encode()[-7:]),
        "email": about.recipient,
        "CustomID": about.mark,
    }
    if kind == "delivered":
        event["smtp_reply"] = words_of(kind)
    elif EVENTS[kind]["event"] == "bounce":
        event["comment"] = words_of(kind)
    return event | EVENTS[kind]
