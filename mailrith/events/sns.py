"""Messages of Amazon SNS, and of services that speak like it: what is signed in them, and by which certificate.

docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. A signature proves only that the service wrote the message, for
any of its customers: whoever uses this also checks the topic, and where the certificate comes from.
"""

from base64 import b64decode
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from mailrith.events.payload import at, text

# SignatureVersion -> what is hashed with
_HASHES: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - version 1 is SNS's default
# What is signed, in this order; a Subject only where there is one.
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}


def is_signed(message: Any) -> bool:
    """Whether it has everything that is signed, and a kind of signature that we know."""
    return signed_text(message) is not None and text(message, "SignatureVersion") in _HASHES


def certificate(pem: bytes | None) -> x509.Certificate | None:
    """A certificate with an RSA key; None for anything else."""
    try:
        found = x509.load_pem_x509_certificate(pem or b"")
        return found if isinstance(found.public_key(), RSAPublicKey) else None
    except (ValueError, UnsupportedAlgorithm):
        return None


def fits(message: Any, signer: x509.Certificate | None) -> bool:
    """Whether the signer signed this message, every field of it that counts."""
    signed, hashing = signed_text(message), _HASHES.get(text(message, "SignatureVersion"))
    key = signer.public_key() if signer else None
    if signed is None or hashing is None or not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(
            b64decode(text(message, "Signature"), validate=True), signed, PKCS1v15(), hashing
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_text(message: Any) -> bytes | None:
    """What SNS signs of a message: names and values, each on a line; None when something is missing."""
    names = _SIGNED.get(text(message, "Type"))
    if names is None:
        return None
    values = [(name, at(message, name)) for name in names]
    present = [(name, value) for name, value in values if name != "Subject" or value is not None]
    if not all(isinstance(value, str) for _, value in present):
        return None
    return "".join(f"{name}\n{value}\n" for name, value in present).encode("utf-8", "replace")
