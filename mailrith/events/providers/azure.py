"""Azure Communication Services, by Event Grid.

Events: learn.microsoft.com/azure/event-grid/communication-services-email-events. Both schemas, an array or one event:
learn.microsoft.com/azure/event-grid/event-schema and .../cloud-event-schema. Before it posts, Event Grid asks whether the address
wants it: learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema, and for CloudEvents
github.com/cloudevents/spec, http-webhook, section 4. It does not sign: a secret goes along as a parameter of the
address or as a delivery property (a header). After 400, 401, 403 and 413 it never comes back.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
PARAMETER = "secret"  # of the address

_REPORT = "Microsoft.Communication.EmailDeliveryReportReceived"
_LOOK = "Microsoft.Communication.EmailEngagementTrackingReportReceived"
_ORIGIN = re.compile(r"[A-Za-z0-9.:*-]{1,255}", re.ASCII)

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "bounced": FactKind.HARD_BOUNCE,
    "suppressed": FactKind.REJECTED,
    "filteredspam": FactKind.BLOCK,  # a filter, not a person
    "quarantined": FactKind.BLOCK,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What Event Grid has to hear, with status 200, before it posts events to an address."""

    body: str = ""  # JSON
    headers: dict[str, str] = field(default_factory=dict)


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """The secret in the address (`?secret=...`) or as `shared_secret` wants it."""
    found = shared_secret.check(post, keys)
    if found is None:
        return None
    rights = [secret.encode() for secret in keys.ours if secret]
    return None if comparing.is_one_of(_secret_in(post.url), rights) else found


def _secret_in(address: str) -> bytes:
    try:
        fields = parse_qs(urlsplit(address).query, max_num_fields=20)
    except ValueError:
        return b""
    return fields.get(PARAMETER, [""])[0].encode("utf-8", "replace")


def answer(post: Post) -> Answer | None:
    """The answer to a verified request that only asks whether this address wants events; None when it brings some."""
    origin = post.headers.get("WebHook-Request-Origin", "").strip()
    if not post.body and _ORIGIN.fullmatch(origin):
        return Answer(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})
    value = strict_json.read(post.body)
    for item in value if isinstance(value, list) else [value]:
        code = text(item, "data", "validationCode")
        if text(item, "eventType") == VALIDATION and code:
            return Answer(json.dumps({"validationResponse": code}))
    return None


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """A batch of events, or one."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "eventType") or text(item, "type")
    if event == _LOOK:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event == VALIDATION:
        return [payload.unused(event, "Azure asked whether this address wants events.")]
    if event != _REPORT:
        return [payload.unused(event)]
    return [_report(item, at(item, "data"))]


def _report(item: dict[str, Any], data: Any) -> Report | Unusable:
    words = text(data, "deliveryStatusDetails", "statusMessage")
    status = text(data, "status")
    kind = _kind(status.lower(), words)
    if kind is None:
        return payload.unused(status)
    when = (("deliveryAttemptTimestamp",), ("deliveryAttemptTimeStamp",))
    return payload.report(
        kind,
        message_id=text(data, "internetMessageId") or text(data, "messageId"),
        recipient=text(data, "recipient"),
        occurred_at=next((found for names in when if (found := moment(data, *names))), None)
        or moment(item, "eventTime")
        or moment(item, "time"),
        event_id=text(item, "id"),
        diagnostic=words or (status if kind == FactKind.REJECTED else ""),
    )


def _kind(status: str, words: str) -> FactKind | None:
    if status == "failed":
        return sorting.kind_of(words)
    return sorting.checked(_KINDS[status], words) if status in _KINDS else None
