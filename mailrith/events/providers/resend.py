"""Resend: one JSON object for each event, signed as Svix does it.

Events: resend.com/docs/webhooks/event-types and its pages; `data.headers` are fields of our message, as far as Resend hands them
on. Signature: docs.svix.com/receiving/verifying-payloads/how-manual; each try is signed anew, so an old signature is a replay. The
id of an event stands in a header only, so the key of a fact is made of what the body says.
"""

import binascii
import hmac
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

from mailrith.core import clock, strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, objects, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

ID, TIMESTAMP, SIGNATURE = "svix-id", "svix-timestamp", "svix-signature"
WINDOW = timedelta(minutes=5)
MARK = "x-mailrith-delivery"

_WHERE = "In Resend, open Webhooks and this webhook"
_NO_KEY = BadSignature(
    f"The signing secret is missing. {_WHERE}, and copy the signing secret, which begins with whsec_, to the connection's page."
)
_UNSIGNED = BadSignature("The request is not signed. Resend signs every event of its webhooks.")
_WRONG = BadSignature(f"The signature does not fit. {_WHERE}, and copy the signing secret again.")
_STALE = BadSignature(
    "The signature is more than five minutes old, or from the future. Is the clock of this server right?"
)

_KINDS = {
    "email.delivered": FactKind.DELIVERED,
    "email.delivery_delayed": FactKind.DEFERRED,
    "email.complained": FactKind.COMPLAINT,
    "email.failed": FactKind.REJECTED,
    "email.suppressed": FactKind.REJECTED,
}
_BOUNCES = {
    "Permanent": FactKind.HARD_BOUNCE,
    "Transient": FactKind.SOFT_BOUNCE,
    "Undetermined": FactKind.SOFT_BOUNCE,
}
# Never handed to the other server: the address is on a suppression list.
_NEVER_SENT = frozenset({"Suppressed", "OnAccountSuppressionList"})


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check `svix-signature` over id, timestamp and body with each of `keys.theirs`; several signatures may stand there."""
    secrets = [secret for each in keys.theirs if (secret := _secret(each))]
    if not secrets:
        return _NO_KEY
    head = [post.headers.get(name, "").strip() for name in (ID, TIMESTAMP, SIGNATURE)]
    if not all(head):
        return _UNSIGNED
    message_id, timestamp, header = head
    signed = f"{message_id}.{timestamp}.".encode("utf-8", "replace") + post.body
    rights = [hmac.digest(secret, signed, "sha256") for secret in secrets]
    if not any(comparing.is_one_of(given, rights) for given in _given(header)):
        return _WRONG
    return None if _is_fresh(timestamp) else _STALE


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event, data = text(item, "type"), at(item, "data")
    if event in {"email.opened", "email.clicked"}:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    kind = _bounce(data) if event == "email.bounced" else _KINDS.get(event)
    if kind is None:
        return [payload.unused(event)]
    codes = at(data, "bounce", "diagnosticCode")
    found = payload.report(
        kind,
        mark=_header(data, MARK),
        message_id=_header(data, "message-id")
        or text(data, "message_id")
        or text(data, "email_id"),
        recipient=_recipient(data),
        occurred_at=moment(item, "created_at"),
        event_id=payload.digest(event, text(data, "email_id"), text(item, "created_at")),
        diagnostic=_words(codes) or text(data, "bounce", "message"),
    )
    return [found]


def _bounce(data: Any) -> FactKind | None:
    # Older events have no type, only a sentence.
    typed = at(data, "bounce", "type") is not None
    listed = not typed and "suppress" in text(data, "bounce", "message").lower()
    if listed or text(data, "bounce", "subType") in _NEVER_SENT:
        return FactKind.REJECTED
    said = _BOUNCES.get(text(data, "bounce", "type"))
    # Only the server's words: Resend's own sentence always speaks of reputation.
    words = _words(at(data, "bounce", "diagnosticCode"))
    return sorting.checked(said, words) if said else sorting.kind_of(words)


def _words(codes: Any) -> str:
    return " ".join(text(code) for code in codes[:5]) if isinstance(codes, list) else text(codes)


def _header(data: Any, name: str) -> str:
    """A field of our message. Names are compared without case, as in any mail."""
    found = (
        text(field, "value")
        for field in objects(data, "headers")
        if text(field, "name").lower() == name
    )
    return next(found, "")


def _recipient(data: Any) -> str:
    """Whom the message went to. Of several people Resend does not say which one an event is about."""
    to = at(data, "to")
    return text(to[0]) if isinstance(to, list) and len(to) == 1 else text(to)


def _secret(shown: str) -> bytes:
    try:
        return b64decode(shown.strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _given(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:10]:
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                found.append(b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def _is_fresh(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        return False
    return abs(clock.now() - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW
