"""Azure Communication Services, in Event Grid's own schema."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": "Bounced",
    "soft_bounce": "Failed",
    "block": "FilteredSpam",
    "delivered": "Delivered",
    "rejected": "Suppressed",
}


def body(kind: str, about: About) -> Any:
    """A batch of one."""
    data = {
        "recipient": about.recipient,
        "internetMessageId": about.message_id,
        "messageId": about.event_id,
        "status": EVENTS[kind],
        "deliveryAttemptTimestamp": about.iso,
        "deliveryStatusDetails": {"statusMessage": words_of(kind)},
    }
    event = {
        "id": about.event_id,
        "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
        "dataVersion": "1.0",
        "eventTime": about.iso,
        "data": data,
    }
    return [event]
