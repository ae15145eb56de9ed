"""Postmark.

Events: postmarkapp.com/developer/webhooks/webhooks-overview and its pages on bounces, deliveries, spam complaints and subscription
changes. Types of bounces: postmarkapp.com/developer/api/bounce-api#bounce-types. Postmark does not sign: it sends Basic
authentication, or headers that its webhook page takes. It gives up for good on 403 alone.
"""

from datetime import datetime
from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

# The Type of a Bounce.
_BOUNCES = {
    "HardBounce": FactKind.HARD_BOUNCE,
    "BadEmailAddress": FactKind.HARD_BOUNCE,
    "Transient": FactKind.DEFERRED,
    "DnsError": FactKind.DEFERRED,
    "SoftBounce": FactKind.SOFT_BOUNCE,
    "VirusNotification": FactKind.BLOCK,
    "DMARCPolicy": FactKind.BLOCK,
    "SpamNotification": FactKind.BLOCK,  # a filter says so, not a person
    "Blocked": FactKind.BLOCK,  # by the receiver, for content or reputation
    "SpamComplaint": FactKind.COMPLAINT,
    "Unsubscribe": FactKind.UNSUBSCRIBED,
    "ManualSuppression": FactKind.UNSUBSCRIBED,
    "ManuallyDeactivated": FactKind.REJECTED,
    "SMTPApiError": FactKind.REJECTED,
    "InboundError": FactKind.REJECTED,
    "TemplateRenderingFailed": FactKind.REJECTED,
}
_AUTOMATIC = frozenset({"AutoResponder", "AddressChange", "ChallengeVerification", "Subscribe"})


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    record = text(item, "RecordType")
    kind = _kind(record, item)
    if isinstance(kind, Unusable):
        return [kind]
    found = payload.report(
        kind,
        mark=text(item, "Metadata", "mailrith"),
        # Its own MessageID is a UUID that it gave the message.
        message_id=text(item, "MessageID"),
        recipient=text(item, "Email") or text(item, "Recipient"),
        occurred_at=_when(item),
        event_id=_event_id(record, item),
        diagnostic=text(item, "Details") or text(item, "Description"),
    )
    return [found]


def _kind(record: str, item: dict[str, Any]) -> FactKind | Unusable:
    if record in {"Open", "Click"}:
        return payload.unused(record, payload.OPENS_AND_CLICKS)
    if record == "Delivery":
        return FactKind.DELIVERED
    if record == "SpamComplaint":
        return FactKind.COMPLAINT
    if record == "SubscriptionChange":
        return _change(item)
    if record == "Bounce":
        return _bounce(item)
    return payload.unused(record)


def _bounce(item: dict[str, Any]) -> FactKind | Unusable:
    said = text(item, "Type")
    if said in _AUTOMATIC:
        return payload.unused(said, "An automatic answer is no bounce.")
    if said not in _BOUNCES:
        return payload.unused(said)
    return sorting.checked(_BOUNCES[said], text(item, "Details"))


def _change(item: dict[str, Any]) -> FactKind | Unusable:
    """Only a person who left: what a bounce or a complaint did comes as an event of its own, and nobody comes back this way."""
    if payload.at(item, "SuppressSending") is not True:
        return payload.unused(
            "SubscriptionChange", "Nobody is subscribed again by a service's event."
        )
    if text(item, "SuppressionReason") != "ManualSuppression":
        return payload.unused(
            "SubscriptionChange", "The bounce or complaint itself is another event."
        )
    return FactKind.UNSUBSCRIBED


def _when(item: dict[str, Any]) -> datetime | None:
    names = ("BouncedAt", "DeliveredAt", "ChangedAt")
    return next((found for name in names if (found := moment(item, name))), None)


def _event_id(record: str, item: dict[str, Any]) -> str:
    number = text(item, "ID")
    if number:
        return f"{record}:{number}"
    times = (text(item, name) for name in ("DeliveredAt", "ChangedAt"))
    return payload.digest(record, text(item, "MessageID"), text(item, "Recipient"), *times)
