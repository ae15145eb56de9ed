"""Certificates for test servers: an authority of our own, and leaves that are right or wrong in one way each."""

import ssl
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem_key(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate(subject, issuer, public_key, signing_key, *, ca, names, start, end):
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signing_key, hashes.SHA256())


@cache
def authority():
    """(certificate, key) of an authority that nobody but a test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime(2020, 1, 1, tzinfo=UTC)
    end = datetime.now(UTC) + timedelta(days=365)
    args = {"ca": True, "names": [], "start": start, "end": end}
    return _certificate("Test CA", "Test CA", key.public_key(), key, **args), key


def ca_pem():
    """The authority's certificate, for `Server.ca_certificates`."""
    return authority()[0].public_bytes(serialization.Encoding.PEM).decode()


@cache
def server_chain(kind="good"):
    """Key and leaf of a server on loopback, as PEM. kind: good, expired, self-signed, wrong-name."""
    ca_key = authority()[1]
    key = ec.generate_private_key(ec.SECP256R1())
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=30)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    if kind == "expired":
        end = datetime(2020, 2, 1, tzinfo=UTC)
    if kind == "not-yet":
        start = datetime.now(UTC) + timedelta(days=5)
    if kind == "wrong-name":
        names = [x509.DNSName("mail.other.example")]
    issuer = "Unknown CA" if kind == "unknown-authority" else "Test CA"
    issuer, signing_key = ("self", key) if kind == "self-signed" else (issuer, ca_key)
    subject = "self" if kind == "self-signed" else "localhost"
    leaf = _certificate(
        subject, issuer, key.public_key(), signing_key, ca=False, names=names, start=start, end=end
    )
    return _pem_key(key) + leaf.public_bytes(serialization.Encoding.PEM)


@cache
def server_context(kind="good"):
    """A context for a server on loopback, of the same kinds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "leaf.pem"
        pem.write_bytes(server_chain(kind))
        context.load_cert_chain(pem)
    if kind == "tls-1.0":
        context.set_ciphers("ALL:@SECLEVEL=0")
    if kind.startswith("tls-"):
        _speak_only(context, kind)
    return context


def _speak_only(context, kind):
    versions = {"tls-1.0": ssl.TLSVersion.TLSv1, "tls-1.2": ssl.TLSVersion.TLSv1_2}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is too old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = versions[kind]
