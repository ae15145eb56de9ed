"""Elastic Email: one event in each request, as a form or as flat JSON.

Parameters, states and categories: help.elasticemail.com/en/articles/4804685-notification-settings; what the categories mean:
help.elasticemail.com/en/articles/2300650-what-are-the-bounce-error-categories-and-filters. Its newer webhooks carry
X-ElasticEmail-Signature, but how that is made is not documented anywhere that we know of: so a secret of ours has to come along.
"Sent" is not used, as nothing says whether the other server took the mail by then.
"""

from typing import Any

from mailrith.core.strict_json import Unreadable
from mailrith.events import forms, payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "abusereport": FactKind.COMPLAINT,
    "unsubscribed": FactKind.UNSUBSCRIBED,
}
_LOOKS = frozenset({"opened", "clicked"})
_FAILURES = frozenset({"error", "bounced", "bounce"})
# The category of an error. What is not here came back, and does not say plainly why.
_CATEGORIES = {
    "nomailbox": FactKind.HARD_BOUNCE,
    "ignore": FactKind.REJECTED,  # on their own list
    "manualcancel": FactKind.REJECTED,
    "spam": FactKind.BLOCK,
    "blacklisted": FactKind.BLOCK,
    "spfproblem": FactKind.BLOCK,
    "whitelistingproblem": FactKind.BLOCK,
    "contentfilter": FactKind.BLOCK,
    "throttled": FactKind.BLOCK,
}


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = forms.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    said = text(item, "status")
    status = said.lower()
    if status in _LOOKS:
        return [payload.unused(said, payload.OPENS_AND_CLICKS)]
    words = text(item, "message") or text(item, "error")
    kind = _failure(item, words) if status in _FAILURES else _KINDS.get(status)
    if kind is None:
        return [payload.unused(said)]
    found = payload.report(
        kind,
        mark=text(item, "postback"),
        message_id=text(item, "messageid"),
        recipient=text(item, "to"),
        occurred_at=moment(item, "date") or moment(text(item, "date") + "Z"),
        event_id=_key(item),
        diagnostic=words or text(item, "category"),
    )
    return [found]


def _failure(item: dict[str, Any], words: str) -> FactKind:
    said = _CATEGORIES.get(text(item, "category").lower(), FactKind.SOFT_BOUNCE)
    return sorting.checked(said, words)


def _key(item: dict[str, Any]) -> str:
    """It gives none: of a message to one person, each state comes once."""
    names = ("transaction", "messageid", "to", "status", "category")
    return payload.digest(*(text(item, name) for name in names))
