"""SendGrid: a key pair of our own takes the place of theirs. A secret is the number of a private key."""

import json
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailrith.events.providers import sendgrid
from mailrith.events.reports import Keys, Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

TIMESTAMP = "1600112502"

SAMPLE = {
    "email": RECIPIENT,
    "timestamp": 1513299569,
    "smtp-id": "<14c5d75ce93.dfd.64b469@post.example>",
    "event": "bounce",
    "category": ["news"],
    "sg_event_id": "6g4ZI7SA-xmRDv57GoPIPw==",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
    "status": "5.1.1",
    "type": "bounce",
    "bounce_classification": "Invalid Address",
    "mailrith": MARK,
}


def _private(secret: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(secret), ec.SECP256R1())


def shown(secret: str) -> str:
    """The verification key as SendGrid shows it."""
    public = _private(secret).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def sign(body: bytes, secret: str) -> Post:
    signature = _private(secret).sign(TIMESTAMP.encode() + body, ec.ECDSA(SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": TIMESTAMP,
    }
    return post(body, headers)


def keys(*secrets: str) -> Keys:
    return theirs(*(shown(secret) for secret in secrets))


CASE = Case(
    "sendgrid",
    sendgrid,
    SAMPLE,
    lambda events: json.dumps(events).encode() + b"\r\n",
    sign,
    keys,
    kind=("event",),
    secrets=("1234567", "7654321", "1111111"),
)
