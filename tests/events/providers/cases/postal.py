"""Postal. A secret is the name of a key pair that is made when it is first asked for."""

from base64 import b64encode
from functools import cache

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailrith.events.providers import postal
from mailrith.events.reports import Keys, Post
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, Case, as_json, post, theirs

SAMPLE = {
    "event": "MessageDeliveryFailed",
    "timestamp": 1778051289.451,
    "uuid": "0a4ea5ab-2f75-4f1c-9b8e-7f4c1f6b0e11",
    "payload": {
        "message": {
            "id": 12345,
            "token": "abcdef123",
            "direction": "outgoing",
            "message_id": MESSAGE_ID,
            "to": RECIPIENT,
            "from": "news@letters.example",
            "subject": "News",
            "timestamp": 1778051280.2,
            "spam_status": "NotChecked",
            "tag": None,
        },
        "status": "HardFail",
        "details": "Permanent SMTP delivery error when sending to mx.post.example:25 (192.0.2.7)",
        "output": "550 5.1.1 <ann@post.example>: Recipient address rejected: User unknown",
        "time": 0.22,
        "sent_with_ssl": True,
        "timestamp": 1778051289.2,
    },
}


@cache
def private(secret: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # as Postal's own


def pem(secret: str) -> str:
    public = private(secret).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(body: bytes, secret: str) -> Post:
    signature = private(secret).sign(body, padding.PKCS1v15(), SHA256())
    return post(body, {"x-postal-signature-256": b64encode(signature).decode()})


def keys(*secrets: str) -> Keys:
    return theirs(*(pem(secret) for secret in secrets))


CASE = Case("postal", postal, SAMPLE, as_json, sign, keys, kind=("event",))
