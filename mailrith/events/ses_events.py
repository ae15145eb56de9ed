"""What Amazon SES says in a notification: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html."""

from typing import Any, NamedTuple

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, objects, text
from mailrith.events.reports import Report, Unusable

TAG = "mailrith"

_NOT_JSON = "This is no event of Amazon SES."
_NO_SPAM = "The person says that it is no spam."
_STAYS = "Nobody left all topics, and nobody is subscribed again by a service's event."


class _Place(NamedTuple):
    """Where an event keeps its details and whom it is about."""

    details: str
    recipients: str
    kind: FactKind | None = None  # None where more has to be looked at


_PLACES = {
    "Bounce": _Place("bounce", "bouncedRecipients"),
    "Complaint": _Place("complaint", "complainedRecipients"),
    "Delivery": _Place("delivery", "recipients", FactKind.DELIVERED),
    "DeliveryDelay": _Place("deliveryDelay", "delayedRecipients", FactKind.DEFERRED),
    "Reject": _Place("reject", "", FactKind.REJECTED),
    "Rendering Failure": _Place("failure", "", FactKind.REJECTED),
    "Subscription": _Place("subscription", ""),
}
_LOOKS = frozenset({"Open", "Click"})
# bounceSubType, where it says more than the words.
_SUBTYPES = {
    "Suppressed": FactKind.REJECTED,
    "OnAccountSuppressionList": FactKind.REJECTED,
    "UnsubscribedRecipient": FactKind.REJECTED,
    "MailboxFull": FactKind.SOFT_BOUNCE,
    "MessageTooLarge": FactKind.SOFT_BOUNCE,
    "ContentRejected": FactKind.BLOCK,
    "AttachmentRejected": FactKind.BLOCK,
}
# complaintFeedbackType of a filter, not of a person (RFC 5965, 7.3).
_FILTERS = frozenset({"auth-failure", "virus"})


def read(message: str, event_id: str) -> list[Report | Unusable]:
    """A Report for each person that the event names. `event_id` is the id of the message of SNS."""
    event = strict_json.read(message.encode("utf-8", "replace"))
    if isinstance(event, Unreadable) or not isinstance(event, dict):
        # SNS writes one itself when SES is allowed to use the topic.
        return [Unusable("Notification", _NOT_JSON, refused=False)]
    named = text(event, "eventType") or text(event, "notificationType")
    if named in _LOOKS:
        return [payload.unused(named, payload.OPENS_AND_CLICKS)]
    place = _PLACES.get(named)
    if place is None:
        return [payload.unused(named)]
    details = at(event, place.details)
    return [_report(named, event, person, event_id) for person in _people(event, details, place)]


def _people(event: dict[str, Any], details: Any, place: _Place) -> list[dict[str, Any]]:
    """Each with emailAddress, and what is said of this one. Never whom the mail went to, where the event names somebody."""
    named = at(details, place.recipients) if place.recipients else at(event, "mail", "destination")
    people = named if isinstance(named, list) else []
    found = [{"emailAddress": each} if isinstance(each, str) else each for each in people]
    return [each for each in found if isinstance(each, dict)] or [{}]


def _report(
    named: str, event: dict[str, Any], person: dict[str, Any], event_id: str
) -> Report | Unusable:
    place = _PLACES[named]
    details = at(event, place.details)
    kind = place.kind or _kind(named, details, person)
    if isinstance(kind, Unusable):
        return kind
    return payload.report(
        kind,
        mark=_mark(event),
        message_id=_header(event, "message-id") or text(event, "mail", "messageId"),
        recipient=text(person, "emailAddress"),
        occurred_at=moment(details, "timestamp"),
        event_id=event_id,
        enhanced_status=text(person, "status"),
        diagnostic=_words(details, person),
    )


def _kind(named: str, details: Any, person: dict[str, Any]) -> FactKind | Unusable:
    if named == "Bounce":
        return _bounce(details, person)
    if named == "Subscription":
        left = at(details, "newTopicPreferences", "unsubscribeAll") is True
        return FactKind.UNSUBSCRIBED if left else payload.unused(named, _STAYS)
    said = text(details, "complaintFeedbackType")
    if said == "not-spam":
        return payload.unused(named, _NO_SPAM)
    if text(details, "complaintSubType") == "OnAccountSuppressionList":
        return FactKind.REJECTED
    return FactKind.BLOCK if said in _FILTERS else FactKind.COMPLAINT


def _bounce(details: Any, person: dict[str, Any]) -> FactKind:
    subtype, status = text(details, "bounceSubType"), text(person, "status")
    if subtype in _SUBTYPES:
        return _SUBTYPES[subtype]
    # SES tries a domain without a mail server for hours, and calls it Transient nevertheless.
    hard = text(details, "bounceType") == "Permanent" or status == "5.4.4"
    said = FactKind.HARD_BOUNCE if hard else FactKind.SOFT_BOUNCE
    return sorting.checked(said, text(person, "diagnosticCode"), status)


def _words(details: Any, person: dict[str, Any]) -> str:
    return (
        text(person, "diagnosticCode")
        or text(details, "smtpResponse")
        or text(details, "reason")
        or text(details, "errorMessage")
        or _list_of_ses(details)
    )


def _list_of_ses(details: Any) -> str:
    """Which of its own lists SES speaks of, where it says nothing else."""
    subtype = text(details, "bounceSubType") or text(details, "complaintSubType")
    return subtype if _SUBTYPES.get(subtype) == FactKind.REJECTED else ""


def _mark(event: dict[str, Any]) -> str:
    """Out of the tags of the message; the older kind of notification has none, but may have the header that set them."""
    tags = at(event, "mail", "tags", TAG)
    if isinstance(tags, list) and tags:
        return text(tags[0])
    tagged = _header(event, "x-ses-message-tags")
    return next(
        (part[2] for each in tagged.split(",") if (part := each.strip().partition("="))[0] == TAG),
        "",
    )


def _header(event: dict[str, Any], name: str) -> str:
    """A header of our message, which SES hands back when it is told to."""
    headers = objects(event, "mail", "headers")
    return next((text(each, "value") for each in headers if text(each, "name").lower() == name), "")
