"""SendGrid's Event Webhook, signed.

Events and fields: twilio.com/docs/sendgrid/for-developers/tracking-events/event. Signature (ECDSA on P-256 with SHA-256, DER in
base64, over the timestamp and the raw body):
twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features. It is made once for all tries,
which go on for a day, so its age says nothing; a repeated event has the same sg_event_id.
"""

import binascii
import re
from base64 import b64decode
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"

_WHERE = "In SendGrid, open Settings, Mail Settings, Event Webhooks, turn on Signature Verification"
_NO_KEY = BadSignature(
    f"The verification key is missing. {_WHERE}, and copy the verification key to the connection's page."
)
_UNSIGNED = BadSignature(f"The request is not signed. {_WHERE}.")
_WRONG = BadSignature(
    "The signature does not fit. Copy the verification key of this webhook again from SendGrid."
)

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "deferred": FactKind.DEFERRED,
    "bounce": FactKind.HARD_BOUNCE,
    "blocked": FactKind.SOFT_BOUNCE,  # bounce with type=blocked
    "dropped": FactKind.REJECTED,
    "spamreport": FactKind.COMPLAINT,
    "unsubscribe": FactKind.UNSUBSCRIBED,
    "group_unsubscribe": FactKind.UNSUBSCRIBED,
}
# How SendGrid classifies a bounce; what stands not here is told by its type and words.
_CLASSES = {
    "content": FactKind.BLOCK,
    "reputation": FactKind.BLOCK,
    "frequency or volume too high": FactKind.BLOCK,
    "technical": FactKind.SOFT_BOUNCE,
    "technical failure": FactKind.SOFT_BOUNCE,
}

_AROUND = re.compile(r"-----[A-Z ]+-----|\s")


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check the signature with each of `keys.theirs`: the verification keys, as SendGrid shows them."""
    found = [key for each in keys.theirs if (key := _public_key(each))]
    if not found:
        return _NO_KEY
    given, timestamp = post.headers.get(SIGNATURE, ""), post.headers.get(TIMESTAMP, "")
    if not given or not timestamp:
        return _UNSIGNED
    try:
        signature = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return _WRONG
    signed = timestamp.encode("utf-8", "replace") + post.body
    return None if any(_fits(key, signature, signed) for key in found) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """A batch of events."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in {"open", "click"}:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    said = "blocked" if event == "bounce" and text(item, "type") == "blocked" else event
    if said not in _KINDS:
        return [payload.unused(event)]
    status, words = text(item, "status"), text(item, "reason") or text(item, "response")
    found = payload.report(
        _sorted(said, text(item, "bounce_classification").lower(), words, status),
        mark=text(item, "mailrith"),
        message_id=text(item, "smtp-id"),
        recipient=text(item, "email"),
        occurred_at=moment(item, "timestamp"),
        event_id=text(item, "sg_event_id"),
        enhanced_status=status,
        diagnostic=words,
    )
    return [found]


def _sorted(said: str, named: str, words: str, status: str) -> FactKind:
    if said not in {"bounce", "blocked"}:
        return _KINDS[said]
    if named == "mailbox unavailable":  # full, suspended or gone
        return sorting.kind_of(words, status)
    return _CLASSES.get(named) or sorting.checked(_KINDS[said], words, status)


@lru_cache(maxsize=64)  # reading a key takes as long as checking a signature
def _public_key(shown: str) -> ec.EllipticCurvePublicKey | None:
    """The key as SendGrid shows it: DER in base64, perhaps with the lines of PEM around it."""
    try:
        key = load_der_public_key(b64decode(_AROUND.sub("", shown), validate=True))
    except ValueError:
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
