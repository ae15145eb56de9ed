"""Mailtrap: batches of events.

Fields: docs.mailtrap.io/email-api-smtp/advanced/webhooks. What each event means: docs.mailtrap.io, Statuses and Events; after a soft
bounce or a suspension it tries ten times more. Signature: `Mailtrap-Signature`, the hex HMAC-SHA256 of the body, without
a timestamp.
"""

import hmac
from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SIGNATURE = "Mailtrap-Signature"

_WHERE = "In Mailtrap, open Settings, Webhooks, this webhook"
_UNSIGNED = BadSignature(
    "The request is not signed, although a signing secret is set for this connection."
)
_WRONG = BadSignature(f"The signature does not fit. {_WHERE}, and copy the signing secret again.")

_KINDS = {
    "delivery": FactKind.DELIVERED,
    "soft bounce": FactKind.DEFERRED,
    "suspension": FactKind.DEFERRED,
    "bounce": FactKind.HARD_BOUNCE,
    "spam": FactKind.COMPLAINT,
    "unsubscribe": FactKind.UNSUBSCRIBED,
    "reject": FactKind.REJECTED,
}


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check the signature with each of `keys.theirs`; while none is set, the secret of `shared_secret`."""
    secrets = [secret.strip().encode() for secret in keys.theirs if secret.strip()]
    if not secrets:
        return shared_secret.check(post, keys)
    given = post.headers.get(SIGNATURE, "").strip().lower().encode("utf-8", "replace")
    if not given:
        return _UNSIGNED
    rights = [hmac.digest(secret, post.body, "sha256").hex().encode() for secret in secrets]
    return None if comparing.is_one_of(given, rights) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """A batch in `events`."""
    value = strict_json.read(body)
    if isinstance(value, Unreadable):
        return value
    events = at(value, "events")
    if not isinstance(events, list):
        return Unreadable("Send one JSON object with a list of events.")
    return payload.read_each(events, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in {"open", "click"}:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event not in _KINDS:
        return [payload.unused(event)]
    words = text(item, "response") or text(item, "reason")
    found = payload.report(
        sorting.checked(_KINDS[event], words),
        mark=text(item, "custom_variables", "mailrith"),
        message_id=text(item, "message_id"),
        recipient=text(item, "email"),
        occurred_at=moment(item, "timestamp"),
        event_id=text(item, "event_id"),
        diagnostic=words,
    )
    return [found]
