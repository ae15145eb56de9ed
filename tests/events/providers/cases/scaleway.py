"""Scaleway: an authority of our own takes the place of Scaleway's. A secret is the name of a topic."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mailrith.events.providers.scaleway import AUTHORITY, Scaleway
from mailrith.events.reports import Keys, Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

CERTIFICATE_URL = "https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns_certificate_1a2b.crt"
ENVELOPE = {
    "Type": "Notification",
    "MessageId": "9ae5c56c-6c9c-42e5-b0b1-0fe0f8bbdbf7",
    "Timestamp": "2026-05-06T07:08:10.000Z",
    "SignatureVersion": "1",
    "SigningCertURL": CERTIFICATE_URL,
}
SAMPLE = {
    "id": "efc57ea6-3f0c-4a4d-8b3a-6a6e3c1d2f0a",
    "type": "email_dropped",
    "organization_id": "6d7fa23a-1c4f-44f4-9a1c-4a5b1f8b8f1a",
    "project_id": "8c8bfa06-9d5f-4a3e-a6a5-1a4a4f2f0b7e",
    "domain_id": "b6a2f0a4-9d4f-46e3-9f1a-0b6a2f0a49d4",
    "domain_name": "letters.example",
    "created_at": "2026-05-06T07:08:09Z",
    "email_sent_at": "2026-05-06T07:08:08Z",
    "email_id": "d4fbec9d-eed9-44d5-af47-c1126467a5ca",
    "email_from": "news@letters.example",
    "email_to": RECIPIENT,
    "email_headers": [
        {"key": "Message-Id", "value": "<somebody-else@letters.example>"},
        {"key": "X-Mailrith-Delivery", "value": MARK},
    ],
    "email_response_code": 550,
    "email_response_message": "5.1.1 The email account that you tried to reach does not exist",
}


def arn(topic: str) -> str:
    return f"arn:scw:sns:fr-par:project-8c8bfa06-9d5f-4a3e-a6a5-1a4a4f2f0b7e:{topic}"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(name: str, issuer: str, *, ca: bool = False, until: int = 2040) -> bytes:
    """In PEM: `name`, issued by `issuer`."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
    made = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key(name).public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(key(issuer), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@cache
def served() -> dict[str, bytes]:
    """What stands where."""
    return {
        CERTIFICATE_URL: certificate("signer", "authority"),
        AUTHORITY.format(region="fr-par"): certificate("authority", "root", ca=True)
        + certificate("root", "root", ca=True),
    }


def signed(message: dict[str, Any], by: str = "signer") -> Post:
    order = "Message MessageId Subject SubscribeURL Timestamp Token TopicArn Type".split()
    text = "".join(f"{name}\n{message[name]}\n" for name in order if name in message)
    hashing = SHA1() if message["SignatureVersion"] == "1" else SHA256()
    signature = b64encode(key(by).sign(text.encode(), PKCS1v15(), hashing)).decode()
    return post(json.dumps(message | {"Signature": signature}).encode(), {})


def sign(body: bytes, topic: str) -> Post:
    return signed(ENVELOPE | {"TopicArn": arn(topic), "Message": body.decode("utf-8", "replace")})


def keys(*topics: str) -> Keys:
    return theirs(*(arn(topic) for topic in topics))


CASE = Case(
    "scaleway",
    Scaleway(lambda address: served().get(address)),
    SAMPLE,
    lambda events: json.dumps(events[0]).encode(),
    sign,
    keys,
    kind=("type",),
    secrets=("news", "letters", "strange"),
    batches=False,
    registered=False,  # the registered one fetches Scaleway's certificates
)
