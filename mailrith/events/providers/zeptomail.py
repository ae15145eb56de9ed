"""ZeptoMail: one notification in each request, as the only field of a form, or as JSON.

Events and signature: zoho.com/zeptomail/help/webhooks.html. `producer-signature: ts=<milliseconds>;s=<base64, URL-encoded>;
s-algorithm=HmacSHA256` is made over the JSON text alone. The timestamp is not part of what is signed, so it proves nothing, and no
window is kept. Newer webhooks take no key of theirs but send headers of one's choice: then a secret of ours is the proof.
`client_reference` is X-TM-CLIENT-REF of the message (zoho.com/zeptomail/help/smtp-home.html).
"""

import binascii
import hmac
from base64 import b64decode
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, forms, payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, objects, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SIGNATURE = "producer-signature"

_WHERE = "In ZeptoMail, open the mail agent, Webhooks, this webhook"
_UNSIGNED = BadSignature(
    "The request is not signed, although an authentication key is set for this connection."
)
_WRONG = BadSignature(
    f"The signature does not fit. {_WHERE}, and copy the authentication key again."
)

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "hardbounce": FactKind.HARD_BOUNCE,
    "softbounce": FactKind.SOFT_BOUNCE,
    "feedbackloop": FactKind.COMPLAINT,
    "fblcomplaint": FactKind.COMPLAINT,
}
_LOOKS = frozenset({"emailopen", "emaillinkclick", "open", "click"})


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check the signature with each of `keys.theirs`; while none is set, the secret of `shared_secret`."""
    secrets = [secret.strip().encode() for secret in keys.theirs if secret.strip()]
    if not secrets:
        return shared_secret.check(post, keys)
    parts = dict(
        part.strip().partition("=")[::2] for part in post.headers.get(SIGNATURE, "").split(";")[:10]
    )
    if not parts.get("s"):
        return _UNSIGNED
    try:
        given = b64decode(unquote(parts["s"]), validate=True)
    except (binascii.Error, ValueError):
        return _WRONG
    rights = [hmac.digest(secret, _notification(post.body), "sha256") for secret in secrets]
    return None if comparing.is_one_of(given, rights) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One notification, which may speak of several messages."""
    value = strict_json.read(_notification(body))
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _notification(body: bytes) -> bytes:
    """The JSON text: the body, or the value of the form's only field."""
    if forms.looks_like_json(body):
        return body
    return unquote_to_bytes(body.partition(b"=")[2].replace(b"+", b" "))


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = _name(at(item, "event_name"))
    if event in _LOOKS:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event not in _KINDS:
        return [payload.unused(event)]
    messages = _each(item, "event_message")
    if not messages:
        return [Unusable(event, payload.NO_MESSAGE)]
    found: list[Report | Unusable] = []
    for message in messages:
        found += _reports(event, message)
    return found


def _reports(event: str, message: dict[str, Any]) -> list[Report | Unusable]:
    """One for each person whom the details name, or for whom the message went to."""
    details = [
        detail for data in _each(message, "event_data") for detail in _each(data, "details")
    ] or [{}]
    found: list[Report | Unusable] = []
    for detail in details:
        words = text(detail, "diagnostic_message") or text(detail, "reason")
        named = text(detail, "bounced_recipient")
        people = [named] if named else _people(message) or [""]
        found += [_report(event, message, detail, words, person) for person in people]
    return found


def _report(
    event: str, message: dict[str, Any], detail: dict[str, Any], words: str, person: str
) -> Report | Unusable:
    reference = text(message, "request_id") or text(message, "email_info", "email_reference")
    return payload.report(
        sorting.checked(_KINDS[event], words),
        mark=text(message, "email_info", "client_reference"),
        message_id=text(message, "email_info", "email_reference"),
        recipient=person,
        occurred_at=moment(detail, "time"),
        event_id=payload.digest(event, reference, person, text(detail, "time")),
        diagnostic=words,
    )


def _people(message: dict[str, Any]) -> list[str]:
    """Whom the message went to: `to` and `email_address` are objects, or lists of them."""
    return [
        address
        for entry in _each(at(message, "email_info"), "to")
        for mailbox in _each(entry, "email_address")
        if (address := text(mailbox, "address"))
    ]


def _each(value: Any, name: str) -> list[dict[str, Any]]:
    found = at(value, name)
    return [found] if isinstance(found, dict) else objects(value, name)


def _name(value: Any) -> str:
    """hard_bounce, "hard bounce" and [hardbounce] are the same."""
    first = value[0] if isinstance(value, list) and value else value
    return "".join(letter for letter in text(first).lower() if letter.isalpha())
