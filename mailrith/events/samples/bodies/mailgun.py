"""Mailgun: what stands under `event-data`."""

from typing import Any

from mailrith.events.samples.about import CODES, About, words_of

_BOUNCE = {"event": "failed", "severity": "permanent"}
EVENTS: dict[str, dict[str, str]] = {
    "hard_bounce": _BOUNCE | {"reason": "bounce"},
    "soft_bounce": _BOUNCE | {"reason": "generic"},
    "block": _BOUNCE | {"reason": "espblock"},
    "complaint": {"event": "complained"},
    "delivered": {"event": "delivered"},
    "deferred": {"event": "failed", "severity": "temporary", "reason": "generic"},
    "unsubscribed": {"event": "unsubscribed"},
    "rejected": _BOUNCE | {"reason": "suppress-bounce"},
}


def body(kind: str, about: About) -> Any:
    """One event."""
    return EVENTS[kind] | {
        "id": about.event_id,
        "timestamp": about.seconds,
        "recipient": about.recipient,
        "user-variables": {"mailrith": about.mark},
        "delivery-status": _status(kind),
    }


def _status(kind: str) -> dict[str, Any]:
    if kind == "rejected":
        return {"code": 605, "message": "", "description": "Not delivering to previously bounced address"}  # fmt: skip
    code, status = CODES.get(kind, (0, ""))
    if not code:
        return {}
    return {"code": code, "message": words_of(kind), "enhanced-code": status}
