"""SMTP2GO: one event in each request, as JSON or as a form.

Fields: developers.smtp2go.com/docs/webhooks-overview and support.smtp2go.com/hc/en-gb/articles/223087967. It does not sign, but
sends an Authorization header of one's choice. Headers of the message come back under their own names when they are
chosen in the webhook's settings (presets.smtp2go).
"""

from typing import Any

from mailrith.core.strict_json import Unreadable
from mailrith.events import forms, payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

MARK, MESSAGE_ID = "x-mailrith-delivery", "message-id"

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "spam": FactKind.COMPLAINT,
    "unsubscribe": FactKind.UNSUBSCRIBED,
    "reject": FactKind.REJECTED,
}
_BOUNCES = {"hard": FactKind.HARD_BOUNCE, "soft": FactKind.SOFT_BOUNCE}
_OTHERS = {
    "open": payload.OPENS_AND_CLICKS,
    "click": payload.OPENS_AND_CLICKS,
    "resubscribe": "Nobody is subscribed again by a service's event.",
}


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = forms.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in _OTHERS:
        return [payload.unused(event, _OTHERS[event])]
    words = _words(item)
    kind = _bounce(item, words) if event == "bounce" else _KINDS.get(event)
    if kind is None:
        return [payload.unused(event)]
    fields = _headers(item)
    found = payload.report(
        kind,
        mark=fields.get(MARK, ""),
        message_id=fields.get(MESSAGE_ID, "") or text(item, "email_id"),
        recipient=text(item, "rcpt"),
        occurred_at=moment(item, "time") or moment(text(item, "time") + "Z"),
        event_id=text(item, "id") or _key(item),
        diagnostic=words,
    )
    return [found]


def _bounce(item: dict[str, Any], words: str) -> FactKind:
    said = _BOUNCES.get(text(item, "bounce").lower())
    return sorting.checked(said, words) if said else sorting.kind_of(words)


def _words(item: dict[str, Any]) -> str:
    # `message` is what the other server said, `context` where it said so: "RCPT TO:<ann@post.example>".
    return f"{text(item, 'message')} {text(item, 'context')}".strip()


def _headers(item: dict[str, Any]) -> dict[str, str]:
    """What may be a header of our message: it stands among the other fields, in any case."""
    return {name.lower().replace("_", "-"): text(value) for name, value in item.items()}


def _key(item: dict[str, Any]) -> str:
    return payload.digest(*(text(item, name) for name in ("event", "email_id", "rcpt", "time")))
