"""Postal, a mail server of one's own.

Payloads: docs.postalserver.io/developer/webhooks. Signature: lib/postal/http.rb and lib/postal/signer.rb in
github.com/postalserver/postal: RSA (PKCS#1 v1.5) over the body, with SHA-256 since version 3 and with SHA-1 in
X-Postal-Signature. The key is the one that signs DKIM for the installation; it has no timestamp, so a repeated event is told by its uuid.
"""

import binascii
import re
from base64 import b64decode
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SIGNATURE_256, SIGNATURE = "X-Postal-Signature-256", "X-Postal-Signature"

_WHERE = "On your Postal server, run: postal default-dkim-record"
_NO_KEY = BadSignature(
    f"The public key is missing. {_WHERE}, and copy what it prints to the connection's page."
)
_UNSIGNED = BadSignature("The request is not signed. Postal signs every event.")
_WRONG = BadSignature(
    f"The signature does not fit. {_WHERE}, and copy what it prints to the connection's page again."
)

_KINDS = {
    "MessageSent": FactKind.DELIVERED,
    "MessageDelayed": FactKind.DEFERRED,
    "MessageHeld": FactKind.REJECTED,
}
_LOOKS = frozenset({"MessageLoaded", "MessageLinkClicked"})
_PUBLISHED = re.compile(r"\bp=([A-Za-z0-9+/=\s\"]+)")  # in a DKIM record (RFC 6376, 3.6.1)
_PEM_LINE = re.compile(r"-----[A-Z ]+-----")


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check the signature with each of `keys.theirs`: a public key in PEM, in base64, or as a DKIM record."""
    found = [key for each in keys.theirs if (key := _public_key(each))]
    if not found:
        return _NO_KEY
    # Where the stronger one is there, the weaker one does not count.
    stronger = post.headers.get(SIGNATURE_256, "").strip()
    given = stronger or post.headers.get(SIGNATURE, "").strip()
    if not given:
        return _UNSIGNED
    algorithm: HashAlgorithm = SHA256() if stronger else SHA1()  # noqa: S303 - what older Postal signs with
    try:
        signature = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return _WRONG
    return None if any(_fits(key, signature, post.body, algorithm) for key in found) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event, said = text(item, "event"), at(item, "payload")
    bounced = _came_back(event, said)
    message = at(said, "original_message" if bounced else "message")
    kind = _kind(event, said)
    if isinstance(kind, Unusable):
        return [kind]
    if text(message, "direction") == "incoming":
        return [payload.unused(event, "It is about mail that came in, not about ours.")]
    found = payload.report(
        kind,
        message_id=text(message, "message_id"),
        recipient=text(message, "to"),
        occurred_at=moment(said, "timestamp") or moment(item, "timestamp"),
        event_id=text(item, "uuid"),
        diagnostic=text(said, "bounce", "subject") if bounced else _words(said),
    )
    return [found]


def _came_back(event: str, said: Any) -> bool:
    """Whether it is about a mail to the return path; such events also came under another name."""
    return event == "MessageBounced" or at(said, "original_message") is not None


def _kind(event: str, said: Any) -> FactKind | Unusable:
    if event in _LOOKS:
        return payload.unused(event, payload.OPENS_AND_CLICKS)
    if event == "MessageDeliveryFailed":
        # A refusal of any kind, or too many tries: only the other server's words tell which.
        return sorting.kind_of(_words(said))
    if _came_back(event, said):
        # Whatever comes to the return path is called so, automatic replies too, and nothing is told but its subject.
        return FactKind.SOFT_BOUNCE
    return _KINDS.get(event) or payload.unused(event)


def _words(said: Any) -> str:
    return text(said, "output") or text(said, "details")


def _public_key(shown: str) -> rsa.RSAPublicKey | None:
    published = _PUBLISHED.search(shown) if "-----" not in shown else None
    bare = published[1] if published else _PEM_LINE.sub("", shown)
    try:
        key = load_der_public_key(b64decode(re.sub(r'[\s"]', "", bare), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def _fits(key: rsa.RSAPublicKey, signature: bytes, body: bytes, algorithm: HashAlgorithm) -> bool:
    try:
        key.verify(signature, body, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
