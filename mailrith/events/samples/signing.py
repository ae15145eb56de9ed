"""Proving a sample as its service does. Private keys are of whoever tries: their public half is pasted on the connection's page."""

import hmac
import json
import secrets as random
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mailrith.core.clock import now
from mailrith.core.errors import Invalid
from mailrith.events import sns
from mailrith.events.payload import at
from mailrith.events.providers import (
    generic,
    mailersend,
    mailtrap,
    mandrill,
    postal,
    sendgrid,
    zeptomail,
)

JSON = {"Content-Type": "application/json"}
MAIL = {"Content-Type": "message/rfc822"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Secrets:
    """What a sample is proven with. url: where it is posted, as the service knows it. private_key: PEM."""

    url: str
    secret: str = field(default="", repr=False)
    private_key: bytes = field(default=b"", repr=False)
    topic: str = ""
    certificate_url: str = ""


@dataclass(frozen=True)
class Proven:
    """A request, ready to be posted."""

    body: bytes
    headers: dict[str, str] = field(repr=False)


def _own(value: Any, secrets: Secrets) -> Proven:
    body, moment = json.dumps(value).encode(), int(now().timestamp())
    signature = generic.sign(_secret(secrets), moment, body)
    return Proven(body, JSON | {generic.HEADER: f"t={moment},v1={signature}"})


def _basic(value: Any, secrets: Secrets) -> Proven:
    credentials = b64encode(f"mailrith:{_secret(secrets)}".encode()).decode()
    proof = {"Authorization": f"Basic {credentials}"}
    if isinstance(value, bytes):
        return Proven(value, MAIL | proof)
    return Proven(json.dumps(value).encode(), JSON | proof)


def _hex(header: str, value: Any, secrets: Secrets) -> Proven:
    """The hex HMAC-SHA256 of the body in a header."""
    body = json.dumps(value).encode()
    return Proven(body, JSON | {header: hmac.digest(_key(secrets), body, "sha256").hex()})


def _mailgun(value: Any, secrets: Secrets) -> Proven:
    timestamp, token = str(int(now().timestamp())), random.token_hex(25)
    signed = hmac.digest(_key(secrets), f"{timestamp}{token}".encode(), "sha256").hex()
    signature = {"timestamp": timestamp, "token": token, "signature": signed}
    return Proven(json.dumps({"signature": signature, "event-data": value}).encode(), JSON)


def _mandrill(value: Any, secrets: Secrets) -> Proven:
    events = json.dumps(value)
    signed = f"{secrets.url}{mandrill.FIELD}{events}".encode()
    signature = b64encode(hmac.digest(_key(secrets), signed, "sha1")).decode()
    body = f"{mandrill.FIELD}={quote_plus(events)}".encode()
    return Proven(body, FORM | {mandrill.HEADER: signature})


def _resend(value: Any, secrets: Secrets) -> Proven:
    body, moment, ident = json.dumps(value).encode(), int(now().timestamp()), random.token_hex(16)
    key = b64decode(_secret(secrets).removeprefix("whsec_"))
    digest = hmac.digest(key, f"msg_{ident}.{moment}.".encode() + body, "sha256")
    headers = {
        "svix-id": f"msg_{ident}",
        "svix-timestamp": str(moment),
        "svix-signature": f"v1,{b64encode(digest).decode()}",
    }
    return Proven(body, JSON | headers)


def _zeptomail(value: Any, secrets: Secrets) -> Proven:
    said = json.dumps(value)
    digest = b64encode(hmac.digest(_key(secrets), said.encode(), "sha256")).decode()
    moment = int(now().timestamp() * 1000)
    proof = f"ts={moment};s={quote(digest, safe='')};s-algorithm=HmacSHA256"
    return Proven(f"data={quote_plus(said)}".encode(), FORM | {zeptomail.SIGNATURE: proof})


def _sendgrid(value: Any, secrets: Secrets) -> Proven:
    key = _private_key(secrets)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Invalid("SendGrid signs with a key on P-256. Give its PEM file.")
    body, moment = json.dumps(value).encode(), str(int(now().timestamp()))
    signature = b64encode(key.sign(moment.encode() + body, ec.ECDSA(SHA256()))).decode()
    return Proven(body, JSON | {sendgrid.SIGNATURE: signature, sendgrid.TIMESTAMP: moment})


def _postal(value: Any, secrets: Secrets) -> Proven:
    key = _private_key(secrets)
    if not isinstance(key, RSAPrivateKey):
        raise Invalid("Postal signs with an RSA key. Give its PEM file.")
    body = json.dumps(value).encode()
    signature = b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()
    return Proven(body, JSON | {postal.SIGNATURE_256: signature})


def _sns(value: Any, secrets: Secrets) -> Proven:
    """As Amazon SNS does it, and Scaleway after it."""
    key = _private_key(secrets)
    if not isinstance(key, RSAPrivateKey) or not secrets.topic or not secrets.certificate_url:
        raise Invalid("A topic signs with an RSA key. Give its PEM file, the topic and the certificate's address.")  # fmt: skip
    message = {
        "Type": "Notification",
        # A message that comes again keeps its id, and that is what a repeated event is told by.
        "MessageId": at(value, "mail", "messageId") or at(value, "id"),
        "TopicArn": secrets.topic,
        "Message": json.dumps(value),
        "Timestamp": now().isoformat(),
        "SignatureVersion": "2",
        "SigningCertURL": secrets.certificate_url,
    }
    signed = sns.signed_text(message) or b""
    signature = b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()
    body = json.dumps(message | {"Signature": signature}).encode()
    return Proven(body, {"Content-Type": "text/plain", "x-amz-sns-message-type": "Notification"})


def _secret(secrets: Secrets) -> str:
    if not secrets.secret:
        raise Invalid("The secret is missing. The connection's page, or the service, shows it.")
    return secrets.secret


def _key(secrets: Secrets) -> bytes:
    return _secret(secrets).encode()


def _private_key(secrets: Secrets) -> Any:
    try:
        return load_pem_private_key(secrets.private_key, None)
    except (ValueError, TypeError):
        raise Invalid("The private key is missing, or no PEM file without a password.") from None


# Whatever is not here cannot sign: a secret of ours goes along as a password.
_SIGNERS: dict[str, Callable[[Any, Secrets], Proven]] = {
    "generic": _own,
    "mailgun": _mailgun,
    "mandrill": _mandrill,
    "resend": _resend,
    "zeptomail": _zeptomail,
    "mailersend": partial(_hex, mailersend.SIGNATURE),
    "mailtrap": partial(_hex, mailtrap.SIGNATURE),
    "sendgrid": _sendgrid,
    "postal": _postal,
    "amazon-ses": _sns,
    "scaleway": _sns,
}


def signer(provider: str) -> Callable[[Any, Secrets], Proven]:
    """What proves a body of this service."""
    return _SIGNERS.get(provider, _basic)
