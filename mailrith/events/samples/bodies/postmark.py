"""Postmark."""

from typing import Any

from mailrith.events.samples.about import About, words_of

_LEFT = {"SuppressSending": True, "SuppressionReason": "ManualSuppression", "Origin": "Recipient"}
EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "hard_bounce": ("Bounce", {"Type": "HardBounce"}),
    "soft_bounce": ("Bounce", {"Type": "SoftBounce"}),
    "block": ("Bounce", {"Type": "Blocked"}),
    "complaint": ("SpamComplaint", {"Type": "SpamComplaint"}),
    "delivered": ("Delivery", {}),
    "deferred": ("Bounce", {"Type": "Transient"}),
    "unsubscribed": ("SubscriptionChange", _LEFT),
    "rejected": ("Bounce", {"Type": "ManuallyDeactivated"}),
}
# Record -> what the person and the time are called in it
_NAMES = {
    "Delivery": ("Recipient", "DeliveredAt"),
    "SubscriptionChange": ("Recipient", "ChangedAt"),
}


def body(kind: str, about: About) -> Any:
    """One record."""
    record, more = EVENTS[kind]
    person, moment = _NAMES.get(record, ("Email", "BouncedAt"))
    if person == "Email":
        more = more | {"ID": int.from_bytes(about.event_id.encode()[-6:])}
    return {
        "RecordType": record,
        "MessageID": about.event_id,
        "Metadata": {"mailrith": about.mark},
        "Details": words_of(kind),
        person: about.recipient,
        moment: about.iso,
    } | more
