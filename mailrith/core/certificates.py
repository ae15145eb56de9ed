"""Certificates of authorities that somebody gives us as PEM text (RFC 7468)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

MAX_CHARS = 100_000
MAX_CERTIFICATES = 200  # the whole bundle of an operating system has about 150


@dataclass(frozen=True)
class Authorities:
    """Certificates to trust. `pem` holds nothing else; `until` is when the first of them runs out."""

    pem: str
    until: datetime


@dataclass(frozen=True)
class Problem:
    """Why the text is not one or more certificates."""

    sentence: str


PRIVATE_KEY = Problem(
    "This holds a private key. Give the certificate alone, and keep the key where nobody else sees it."
)
NO_CERTIFICATE = Problem(
    "This is not a certificate. Paste the PEM text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----."
)
TOO_LONG = Problem(
    "This is too long for a certificate authority. Give only the certificates that this server needs."
)


def read_authorities(text: str) -> Authorities | Problem:
    """Read PEM text. What stands between the certificates is left out; a private key is refused, never kept."""
    if "PRIVATE KEY-----" in text:
        return PRIVATE_KEY
    if len(text) > MAX_CHARS:
        return TOO_LONG
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return NO_CERTIFICATE
    if not found or len(found) > MAX_CERTIFICATES:
        return TOO_LONG if found else NO_CERTIFICATE
    pem = "".join(one.public_bytes(Encoding.PEM).decode() for one in found)
    return Authorities(pem, min(one.not_valid_after_utc for one in found))
