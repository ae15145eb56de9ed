"""Amazon SES, as event publishing writes it."""

from typing import Any

from mailrith.events.samples.about import About, status_of, words_of

EVENTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "hard_bounce": ("Bounce", "bounce", {"bounceType": "Permanent", "bounceSubType": "General"}),
    "soft_bounce": ("Bounce", "bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull"}),
    "block": ("Bounce", "bounce", {"bounceType": "Transient", "bounceSubType": "ContentRejected"}),
    "complaint": ("Complaint", "complaint", {"complaintFeedbackType": "abuse"}),
    "delivered": ("Delivery", "delivery", {"smtpResponse": words_of("delivered")}),
    "deferred": ("DeliveryDelay", "deliveryDelay", {"delayType": "InternalFailure"}),
    "unsubscribed": ("Subscription", "subscription", {"source": "UnsubscribeHeader", "newTopicPreferences": {"unsubscribeAll": True}}),
    "rejected": ("Reject", "reject", {"reason": "Bad content"}),
}  # fmt: skip


def body(kind: str, about: About) -> Any:
    """The event, as it stands in `Message` of SNS."""
    named, place, details = EVENTS[kind]
    return {
        "eventType": named,
        place: {"timestamp": about.iso, "feedbackId": about.event_id} | details | _people(kind, about),
        "mail": {
            "timestamp": about.iso,
            "messageId": about.event_id,
            "destination": [about.recipient],
            "tags": {"mailrith": [about.mark]},
            "headers": [],
        },
    }  # fmt: skip


def _people(kind: str, about: About) -> dict[str, Any]:
    person = {"emailAddress": about.recipient}
    said = person | {"status": status_of(kind), "diagnosticCode": words_of(kind)}
    if EVENTS[kind][0] == "Bounce":
        return {"bouncedRecipients": [said | {"action": "failed"}]}
    named: dict[str, dict[str, Any]] = {
        "complaint": {"complainedRecipients": [person]},
        "delivered": {"recipients": [about.recipient]},
        "deferred": {"delayedRecipients": [said]},
    }
    return named.get(kind, {})
