"""SparkPost."""

from typing import Any

from mailrith.events.samples.about import About, words_of

_SUPPRESSED = "554 5.7.1 recipient address suppressed due to customer policy"
EVENTS = {
    "hard_bounce": ("message_event", {"type": "bounce", "bounce_class": "10"}),
    "soft_bounce": ("message_event", {"type": "bounce", "bounce_class": "22"}),
    "block": ("message_event", {"type": "bounce", "bounce_class": "51"}),
    "complaint": ("message_event", {"type": "spam_complaint", "fbtype": "abuse"}),
    "delivered": ("message_event", {"type": "delivery"}),
    "deferred": ("message_event", {"type": "delay", "bounce_class": "20"}),
    "unsubscribed": ("unsubscribe_event", {"type": "list_unsubscribe"}),
    "rejected": ("gen_event", {"type": "generation_rejection", "raw_reason": _SUPPRESSED}),
}


def body(kind: str, about: About) -> Any:
    """A batch of one."""
    place, said = EVENTS[kind]
    event = {
        "event_id": about.event_id,
        "raw_rcpt_to": about.recipient,
        "rcpt_to": about.recipient,
        "rcpt_meta": {"mailrith": about.mark},
        "raw_reason": words_of(kind),
        "timestamp": str(about.seconds),
    }
    return [{"msys": {place: event | said}}]
