"""SparkPost, by Bird.

Events and fields: developers.sparkpost.com/api/webhooks and .../api/events. Classes of bounces:
support.sparkpost.com/docs/deliverability/bounce-classification-codes. SparkPost does not sign: it sends Basic authentication or a
header that its webhook page takes. Every batch is an array of {"msys": {"message_event": {...}}}; the empty one is a test.
"""

from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

_TEST = "A test. Nothing was changed."
_AUTOMATIC = "An automatic answer is no bounce."

_KINDS = {
    "delivery": FactKind.DELIVERED,
    "delay": FactKind.DEFERRED,
    "spam_complaint": FactKind.COMPLAINT,
    "list_unsubscribe": FactKind.UNSUBSCRIBED,
    "link_unsubscribe": FactKind.UNSUBSCRIBED,
    "policy_rejection": FactKind.REJECTED,
    "generation_failure": FactKind.REJECTED,
    "generation_rejection": FactKind.REJECTED,
}
_BOUNCES = frozenset({"bounce", "out_of_band"})
_LOOKS = frozenset(
    {"open", "initial_open", "click", "amp_open", "amp_initial_open", "amp_click", "ab_open"}
)
# bounce_class; what stands not here is told by its words.
_CLASSES = {
    "10": FactKind.HARD_BOUNCE,  # invalid recipient
    "30": FactKind.HARD_BOUNCE,  # no such recipient
    "20": FactKind.SOFT_BOUNCE,
    "21": FactKind.SOFT_BOUNCE,  # DNS
    "22": FactKind.SOFT_BOUNCE,  # mailbox full
    "23": FactKind.SOFT_BOUNCE,  # too large
    "24": FactKind.SOFT_BOUNCE,  # timeout
    "40": FactKind.SOFT_BOUNCE,
    "70": FactKind.SOFT_BOUNCE,
    "25": FactKind.BLOCK,  # a policy
    "50": FactKind.BLOCK,
    "51": FactKind.BLOCK,  # spam, by the receiver's filter
    "52": FactKind.BLOCK,
    "53": FactKind.BLOCK,  # an attachment
    "54": FactKind.BLOCK,  # relaying denied
    "90": FactKind.UNSUBSCRIBED,  # an answer that asks for it
}
_ANSWERS = frozenset({"60", "80", "100"})  # out of office, subscribe, challenge


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """A batch of events."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(outer: dict[str, Any]) -> list[Report | Unusable]:
    inside = payload.at(outer, "msys")
    if inside == {}:
        return [payload.unused("ping", _TEST)]
    item = next(iter(inside.values())) if isinstance(inside, dict) else None
    event, words = text(item, "type"), text(item, "raw_reason") or text(item, "reason")
    kind = _kind(event, item, words)
    if isinstance(kind, Unusable):
        return [kind]
    found = payload.report(
        kind,
        mark=text(item, "rcpt_meta", "mailrith"),
        message_id=text(item, "message_id") or text(item, "transmission_id"),  # its own
        recipient=text(item, "raw_rcpt_to") or text(item, "rcpt_to"),
        occurred_at=moment(item, "timestamp"),
        event_id=text(item, "event_id"),
        diagnostic=words,
    )
    return [found]


def _kind(event: str, item: Any, words: str) -> FactKind | Unusable:
    if event in _LOOKS:
        return payload.unused(event, payload.OPENS_AND_CLICKS)
    if event in _BOUNCES:
        number = text(item, "bounce_class")
        if number in _ANSWERS:
            return payload.unused(event, _AUTOMATIC)
        said = _CLASSES.get(number)
        return sorting.checked(said, words) if said else sorting.kind_of(words)
    if event == "spam_complaint" and text(item, "fbtype") == "not-spam":
        return payload.unused(event, "The person says that it is no spam.")
    return _KINDS.get(event) or payload.unused(event)
