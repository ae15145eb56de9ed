"""MailerSend: one JSON object for each event, signed over the body.

Events, signature and both forms of the body: developers.mailersend.com/api/v1/webhooks.html. The newer form has data.message_id and
data.recipient, the older one data.email.message.id and data.email.recipient.email; `data.id` is the event's own id in both. When a
webhook is made, MailerSend signs a ping with a key that everybody knows, and wants 2xx.
"""

import hmac
import re
from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SIGNATURE = "Signature"
PING = "webhook.test"
PING_KEY = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G"  # public: good for nothing but the ping

_WHERE = "In MailerSend, open the domain, Webhooks, this webhook"
_NO_KEY = BadSignature(
    f"The signing secret is missing. {_WHERE}, and copy the signing secret to the connection's page."
)
_UNSIGNED = BadSignature("The request is not signed. MailerSend signs every event.")
_WRONG = BadSignature(f"The signature does not fit. {_WHERE}, and copy the signing secret again.")

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "deferred": FactKind.DEFERRED,
    "hard_bounced": FactKind.HARD_BOUNCE,
    "soft_bounced": FactKind.SOFT_BOUNCE,
    "spam_complaint": FactKind.COMPLAINT,
    "spam_complaints": FactKind.COMPLAINT,
    "unsubscribed": FactKind.UNSUBSCRIBED,
    "suppressed": FactKind.REJECTED,
}
_LOOKS = frozenset({"opened", "opened_unique", "clicked", "clicked_unique"})
_REASONS = ("bounce_reason", "reject_reason", "suppression_reason")
# A tag that is the mark of a delivery (content.headers.mark_of).
_MARK = re.compile(r"[0-9a-f]{8}-[0-9a-f]{1,16}-[0-9a-z]{1,8}-[0-9a-f]{20}", re.ASCII)


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check `Signature`, the hex HMAC-SHA256 of the body, with each of `keys.theirs`. There is no timestamp in it."""
    given = post.headers.get(SIGNATURE, "").strip().lower().encode("utf-8", "replace")
    if comparing.is_one_of(given, [_sign(PING_KEY, post.body)]) and _is_ping(post.body):
        return None
    secrets = [secret.strip() for secret in keys.theirs if secret.strip()]
    if not secrets:
        return _NO_KEY
    if not given:
        return _UNSIGNED
    rights = [_sign(secret, post.body) for secret in secrets]
    return None if comparing.is_one_of(given, rights) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _sign(secret: str, body: bytes) -> bytes:
    return hmac.digest(secret.encode(), body, "sha256").hex().encode()


def _is_ping(body: bytes) -> bool:
    return text(strict_json.read(body), "type") == PING


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event, data = text(item, "type"), at(item, "data")
    if event == PING:
        return [payload.unused(event, "A test. Nothing was changed.")]
    name = event.removeprefix("activity.")
    if name in _LOOKS:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if name not in _KINDS:
        return [payload.unused(event)]
    words = _words(data)
    found = payload.report(
        sorting.checked(_KINDS[name], words),
        mark=_mark(data),
        # Its own id of the message, as in its answer to the final dot.
        message_id=text(data, "message_id") or text(data, "email", "message", "id"),
        recipient=_recipient(data),
        occurred_at=moment(item, "created_at") or moment(data, "created_at"),
        event_id=text(data, "id"),
        diagnostic=words,
    )
    return [found]


def _words(data: Any) -> str:
    meta = at(data, "meta")  # an empty list where there is nothing to say
    found = next((said for name in _REASONS if (said := text(meta, name))), "")
    code = text(meta, "bounce_code")
    older = text(data, "morph", "reason") or text(data, "morph", "readable_reason")
    return f"{code} {found}".strip() if found else older


def _recipient(data: Any) -> str:
    return (
        text(data, "recipient")
        or text(data, "recipient", "email")
        or text(data, "email", "recipient", "email")
        or text(data, "email")
    )


def _mark(data: Any) -> str:
    for tags in (at(data, "tags"), at(data, "email", "tags")):
        for tag in tags if isinstance(tags, list) else []:
            if _MARK.fullmatch(text(tag)):
                return text(tag)
    return ""
