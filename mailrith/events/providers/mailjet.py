"""Mailjet, by Sinch.

Events, fields and the words of `error`: dev.mailjet.com/email/guides/webhooks. Mailjet does not sign: Basic authentication stands in
the address. One event comes alone, several as an array. It has no id for an event.
"""

from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

_KINDS = {
    "sent": FactKind.DELIVERED,  # the receiving server took it
    "spam": FactKind.COMPLAINT,
    "unsub": FactKind.UNSUBSCRIBED,
    "blocked": FactKind.REJECTED,
}
# The `error` of a bounce, where it says more than `hard_bounce`.
_ERRORS = {
    "sender blocked": FactKind.BLOCK,
    "content blocked": FactKind.BLOCK,
    "policy issue": FactKind.BLOCK,
    "relay/access denied": FactKind.BLOCK,
    "quota exceeded": FactKind.SOFT_BOUNCE,
    "blacklisted": FactKind.REJECTED,
    "spam reporter": FactKind.REJECTED,
    "preblocked": FactKind.REJECTED,
    "duplicate in campaign": FactKind.REJECTED,
}
_LOOKS = frozenset({"open", "click"})


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event, or a batch of them."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in _LOOKS:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event != "bounce" and event not in _KINDS:
        return [payload.unused(event)]
    email, message_id = text(item, "email"), text(item, "MessageID")
    parts = (text(item, name) for name in ("smtp_reply", "comment", "error"))
    words = next((part for part in parts if part), "")
    found = payload.report(
        _KINDS[event] if event in _KINDS else _bounce(item, words),
        mark=text(item, "CustomID"),
        message_id=message_id,  # its own
        recipient=email,
        occurred_at=moment(item, "time"),
        event_id=payload.digest(event, text(item, "time"), message_id, email),
        diagnostic=words,
    )
    return [found]


def _bounce(item: dict[str, Any], words: str) -> FactKind:
    hard = payload.at(item, "hard_bounce") is True
    error = text(item, "error").lower()
    if error == "greylisted" and not hard:
        return FactKind.DEFERRED
    if error in _ERRORS:
        return _ERRORS[error]
    return sorting.checked(FactKind.HARD_BOUNCE if hard else FactKind.SOFT_BOUNCE, words)
