"""TLS: contexts, what a failed handshake means, and what a certificate says."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

# OpenSSL's X509_V_ERR_* numbers
_EXPIRED, _NOT_YET = 10, 9
_NAME_MISMATCH = {62, 64}  # host name, IP address


@dataclass(frozen=True)
class Certificate:
    """What the server showed. Times are aware, in UTC."""

    names: tuple[str, ...]
    issuer: str
    expires_at: datetime


@lru_cache(maxsize=64)
def context(*, verify: bool, ca_certificates: str | None) -> ssl.SSLContext:
    """A client context of TLS 1.2 or newer. Kept, because loading the root certificates takes 20 ms."""
    made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_certificates:
        made.load_verify_locations(cadata=ca_certificates)
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def cause_of(error: ssl.SSLError) -> str:
    """The key in `causes` for a failed handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in {_EXPIRED, _NOT_YET}:
            return "certificate_expired"
        if error.verify_code in _NAME_MISMATCH:
            return "certificate_name"
        return "certificate_untrusted"
    text = str(error).lower()
    if (
        "wrong version number" in text
        or "record layer failure" in text
        or "unknown protocol" in text
    ):
        return "tls_mismatch"
    if "protocol version" in text or "unsupported protocol" in text or "handshake failure" in text:
        return "tls_too_old"
    return "tls_failed"


def certificate(ssl_object: Any) -> Certificate | None:
    """The certificate of a connected TLS line, verified or not."""
    der = ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
    if not der:
        return None
    try:
        parsed = x509.load_der_x509_certificate(der)
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns_names = tuple(names.get_values_for_type(x509.DNSName))[:10]
    except x509.ExtensionNotFound:
        dns_names = ()
    except ValueError:
        return None  # an unreadable certificate only matters if it is not verified
    return Certificate(
        dns_names or _common_names(parsed.subject)[:1],
        next(iter(_organisations(parsed.issuer) or _common_names(parsed.issuer)), ""),
        parsed.not_valid_after_utc.astimezone(UTC),
    )


def describe(ssl_object: Any) -> str:
    """Version and cipher of a connected line: TLSv1.3, TLS_AES_256_GCM_SHA384."""
    cipher = ssl_object.cipher() if ssl_object is not None else None
    return f"{ssl_object.version()}, {cipher[0]}" if cipher else ""


def _common_names(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(item.value) for item in name.get_attributes_for_oid(NameOID.COMMON_NAME))


def _organisations(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(item.value) for item in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
