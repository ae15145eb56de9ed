"""Scaleway Transactional Email, through a topic of Scaleway's Topics and Events, which speaks like Amazon SNS.

Events: scaleway.com/en/docs/transactional-email/reference-content/webhook-events-payloads. Certificates:
scaleway.com/en/docs/topics-and-events/reference-content/veriying-webhooks. Where they and the confirmation stand is not written there:
messages name https://messaging.s3.fr-par.scw.cloud/<region>/sns/sns_certificate_<id>.crt and
https://sns.mnq.<region>.scaleway.com/. The topic has to be one of `keys.theirs`, and the certificate has to be issued by Scaleway's own
authority, whose certificates stand at an address that we know.
"""

import re
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from mailrith.core import clock, strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, sns, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import at, moment, objects, text
from mailrith.events.reports import BadSignature, Confirmation, Keys, Post, Report, Unusable

Load = Callable[[str], bytes | None]

AUTHORITY = "https://messaging.s3.fr-par.scw.cloud/{region}/sns/sns-trust-chain.pem"
MARK = "x-mailrith-delivery"

_NO_TOPIC = BadSignature(
    "The topic is missing. In the Scaleway console, open Topics and Events, the topic, and copy its ARN to the connection's page."
)
_UNSIGNED = BadSignature("This is no signed message of a Scaleway topic.")
_OTHER_TOPIC = BadSignature("This topic is not the one on the connection's page.")
_OTHER_PLACE = BadSignature("The signing certificate is not from Scaleway.")
_WRONG = BadSignature("The signature does not fit. It is not from Scaleway.")

_ARN = re.compile(r"arn:scw:sns:(fr-par|nl-ams|pl-waw):[\w-]{1,100}:[\w.-]{1,256}", re.ASCII)
_CERTIFICATE = re.compile(
    r"https://messaging\.s3\.(?:fr-par|nl-ams|pl-waw)\.scw\.cloud/[\w/-]{1,200}\.(?:crt|pem)",
    re.ASCII,
)
_ASKS = "Scaleway asks whether this address wants the topic's messages. Mailrith says yes."
_LEFT = "The topic does not post to this address any more."
_ODD = "Scaleway asks for a confirmation at an address that is not its own. Nothing was confirmed."

_KINDS = {
    "email_delivered": FactKind.DELIVERED,
    "email_deferred": FactKind.DEFERRED,
    "email_mailbox_not_found": FactKind.HARD_BOUNCE,
    "email_spam": FactKind.BLOCK,  # the receiving server says so, not a person
    "email_blocklisted": FactKind.REJECTED,
}


class Scaleway:
    """`load` gives what stands at an address of Scaleway's, or None when there is nothing."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def verify(self, post: Post, keys: Keys) -> BadSignature | None:
        """Check the message with the certificate that it names; `keys.theirs` are the ARNs of the topics that may post here."""
        topics = {topic.strip() for topic in keys.theirs if topic.strip()}
        if not topics:
            return _NO_TOPIC
        message = strict_json.read(post.body)
        if not sns.is_signed(message):
            return _UNSIGNED
        topic, address = at(message, "TopicArn"), text(message, "SigningCertURL")
        arn = _ARN.fullmatch(topic)
        if topic not in topics or arn is None:
            return _OTHER_TOPIC
        if not _CERTIFICATE.fullmatch(address):
            return _OTHER_PLACE
        signer = sns.certificate(self._load(address))
        if signer is None or not self._is_issued(signer, arn[1]):
            return _OTHER_PLACE
        return None if sns.fits(message, signer) else _WRONG

    def parse(self, body: bytes) -> list[Report | Unusable] | Unreadable:
        """The event inside a message of a topic, or a Confirmation."""
        message = strict_json.read(body)
        if isinstance(message, Unreadable):
            return message
        named = text(message, "Type")
        if named == "SubscriptionConfirmation":
            return [_confirmation(message)]
        if named == "UnsubscribeConfirmation":
            return [payload.unused(named, _LEFT)]
        if named != "Notification":
            return [payload.unused(named)]
        value = strict_json.read(text(message, "Message").encode("utf-8", "replace"))
        return value if isinstance(value, Unreadable) else payload.read_each(value, _read)

    def _is_issued(self, signer: x509.Certificate, region: str) -> bool:
        try:
            chain = x509.load_pem_x509_certificates(
                self._load(AUTHORITY.format(region=region)) or b""
            )
        except ValueError:
            return False
        return _is_valid(signer) and any(_issued(signer, authority) for authority in chain)


def _confirmation(message: Any) -> Unusable:
    arn, address = _ARN.fullmatch(text(message, "TopicArn")), text(message, "SubscribeURL")
    own = f"https://sns.mnq.{arn[1]}.scaleway.com/" if arn else None
    if own is None or not address.startswith(own) or not address.isprintable():
        return Unusable("SubscriptionConfirmation", _ODD)
    return Confirmation("SubscriptionConfirmation", _ASKS, refused=False, url=address)


def _is_valid(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc


def _issued(signer: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        signer.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca and _is_valid(authority)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "type")
    words = f"{text(item, 'email_response_code')} {text(item, 'email_response_message')}".strip()
    words = words or text(item, "email_error") or text(item, "blocklist_reason")
    if event == "email_dropped":
        # Refused for good, for whatever reason: only the other server's words tell which.
        kind = sorting.kind_of(words)
    elif event in _KINDS:
        kind = sorting.checked(_KINDS[event], words)
    else:
        return [payload.unused(event)]
    found = payload.report(
        kind,
        mark=_header(item, MARK),
        message_id=_header(item, "message-id") or text(item, "email_id"),
        recipient=text(item, "email_to"),
        occurred_at=moment(item, "created_at"),
        event_id=text(item, "id"),
        diagnostic=words,
    )
    return [found]


def _header(item: dict[str, Any], name: str) -> str:
    found = (
        text(field, "value")
        for field in objects(item, "email_headers")
        if text(field, "key").lower() == name
    )
    return next(found, "")
