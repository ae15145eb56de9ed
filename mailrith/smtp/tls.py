"""TLS: contexts, what a failed handshake means, and what a certificate says."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from mailrith.smtp.server import MinimumTls

# By OpenSSL's X509_V_ERR_* numbers
_CERTIFICATE_CAUSES = {
    9: "certificate_not_yet",
    10: "certificate_expired",
    18: "certificate_self_signed",  # the leaf itself
    19: "certificate_untrusted",  # an authority in the chain that nobody here knows
    20: "certificate_untrusted",
    21: "certificate_untrusted",
    62: "certificate_name",  # host name
    64: "certificate_name",  # address
}
# What OpenSSL says when the other side does not speak TLS, or not the version that is asked for
_NO_TLS = ("wrong version number", "record layer failure", "unknown protocol")
_OTHER_VERSION = ("protocol version", "unsupported protocol", "handshake failure")
_NO_PEM = ("cadata", "no start line", "pem")


_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_MOST_NAMES = 10  # shared hosting has certificates with hundreds


@dataclass(frozen=True)
class Certificate:
    """What the server showed. Times are aware, in UTC. `chain` names the subjects, the server's own first."""

    names: tuple[str, ...]
    issuer: str
    starts_at: datetime
    expires_at: datetime
    chain: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Whose it is, until when, and who says so."""
        return f"{', '.join(self.names[:3])}, until {self.expires_at:%d %B %Y}, issued by {self.issuer}"

    @property
    def facts(self) -> dict[str, str]:
        """The same for a table."""
        return {
            "names": ", ".join(self.names),
            "issuer": self.issuer,
            "valid from": self.starts_at.isoformat(),
            "valid until": self.expires_at.isoformat(),
            "chain": " < ".join(self.chain),
        }


@lru_cache(maxsize=64)
def context(
    *, verify: bool, ca_certificates: str | None, minimum: MinimumTls = "1.2"
) -> ssl.SSLContext:
    """A client context of TLS `minimum` or newer. Kept, because loading the root certificates takes 20 ms.

    Raises ssl.SSLError when `ca_certificates` cannot be read.
    """
    made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    made.minimum_version = _VERSIONS[minimum]
    if ca_certificates:
        made.load_verify_locations(cadata=ca_certificates)
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def cause_of(error: ssl.SSLError, minimum: MinimumTls = "1.2") -> str:
    """The key in `causes` for a failed handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_CAUSES.get(error.verify_code, "certificate_untrusted")
    text = str(error).lower()
    if any(words in text for words in _NO_TLS):
        return "tls_mismatch"
    if any(words in text for words in _OTHER_VERSION):
        return "tls_too_old" if minimum == "1.2" else "tls_minimum"
    return "ca_unreadable" if any(words in text for words in _NO_PEM) else "tls_failed"


def certificate(ssl_object: Any) -> Certificate | None:
    """The certificate of a connected TLS line, verified or not."""
    der = ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
    if not der:
        return None
    try:
        parsed = x509.load_der_x509_certificate(der)
        names = _names(parsed)
        chain = tuple(_name_of(link) for link in _chain(ssl_object))
    except ValueError:
        return None  # an unreadable certificate only matters if it is not verified
    return Certificate(
        names,
        next(iter(_organisations(parsed.issuer) or _common_names(parsed.issuer)), ""),
        parsed.not_valid_before_utc.astimezone(UTC),
        parsed.not_valid_after_utc.astimezone(UTC),
        chain,
    )


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    """Host names and addresses that it is good for; old ones carry a common name instead."""
    try:
        found = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return _common_names(parsed.subject)[:1]
    hosts = tuple(found.get_values_for_type(x509.DNSName))
    addresses = tuple(str(address) for address in found.get_values_for_type(x509.IPAddress))
    return (hosts + addresses)[:_MOST_NAMES] or _common_names(parsed.subject)[:1]


def _chain(ssl_object: Any) -> list[x509.Certificate]:
    """The certificates that the server sent. Public since Python 3.13; before, one floor below."""
    inner = ssl_object if hasattr(ssl_object, "get_unverified_chain") else ssl_object._sslobj  # noqa: SLF001
    links = inner.get_unverified_chain() or []
    return [
        x509.load_der_x509_certificate(link)
        if isinstance(link, bytes)
        else x509.load_pem_x509_certificate(link.public_bytes().encode())
        for link in links
    ]


def _name_of(parsed: x509.Certificate) -> str:
    found = _common_names(parsed.subject) or _organisations(parsed.subject) or _names(parsed)
    return found[0] if found else "?"


def describe(ssl_object: Any) -> str:
    """Version and cipher of a connected line: TLSv1.3, TLS_AES_256_GCM_SHA384."""
    cipher = ssl_object.cipher() if ssl_object is not None else None
    return f"{ssl_object.version()}, {cipher[0]}" if cipher else ""


def _common_names(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(item.value) for item in name.get_attributes_for_oid(NameOID.COMMON_NAME))


def _organisations(name: x509.Name) -> tuple[str, ...]:
    return tuple(str(item.value) for item in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
