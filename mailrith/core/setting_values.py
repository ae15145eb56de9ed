"""Readers of single settings: a text in, a value out, or a ValueError whose words say how to mend it."""

import ipaddress
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import SplitResult, urlsplit

from mailrith.core.addresses import Address, parse_address
from mailrith.core.certificates import Authorities, read_authorities

Network = IPv4Network | IPv6Network

KEY_BYTES = 32  # AES-256 and HMAC-SHA256 keys are derived from it


@dataclass(frozen=True, repr=False)
class Key:
    """One key of the ring. `id` goes into every token and sealed secret made with it."""

    id: str
    material: bytes


def keys(text: str) -> tuple[Key, ...]:
    """The key ring, newest first."""
    ring = []
    for item in _items(text):
        key_id, separator, encoded = item.partition(":")
        try:
            material = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (Base64Error, ValueError):
            material = b""
        if not separator or not key_id.isalnum() or len(key_id) > 8 or len(material) != KEY_BYTES:
            raise ValueError(
                "each key is written as id:base64 of 32 bytes; `mailrith admin new-key` prints one"
            )
        ring.append(Key(key_id, material))
    if not ring:
        raise ValueError("give at least one key; `mailrith admin new-key` prints one")
    if len({key.id for key in ring}) != len(ring):
        raise ValueError("two keys have the same id")
    return tuple(ring)


def database_url(text: str) -> str:
    """The address as SQLAlchemy wants it."""
    for old in ("postgres://", "postgresql://"):
        if text.startswith(old):
            return "postgresql+psycopg://" + text.removeprefix(old)
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("use postgresql://user:password@host/name or sqlite:////path/to/file.db")
    return text


def redis_url(text: str) -> str:
    """Where the queue server is."""
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("use redis://host:6379/0, rediss://... or unix:///path/to/socket")
    return text


def url(text: str) -> str:
    """A web address without a slash at its end."""
    parts = _split(text)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or parts.username is not None
        or parts.query
        or parts.fragment
    ):
        raise ValueError("give a full address such as https://news.example.org")
    return text.rstrip("/")


def smtp_url(text: str) -> str:
    """Scheme, host and perhaps port, user and password of a mail server."""
    parts = _split(text)
    if (
        parts is None
        or parts.scheme not in {"smtp", "smtps", "smtp+starttls"}
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        # Never with what was given: it holds a password.
        raise ValueError(
            "use smtp+starttls://user:password@host:587, smtps://... or smtp://...; "
            "write / ? # @ : in a password as %2F %3F %23 %40 %3A"
        )
    return text


def mailbox(text: str) -> str:
    """`Name <address>`, or an address alone, as a From field is written."""
    several = getaddresses([text])
    if len(several) != 1 or not text.isprintable() or "@" not in several[0][1]:
        raise ValueError("write it as Mailrith <mailrith@example.org>")
    found = several[0][1]
    if not found.lower().endswith("@localhost"):
        address(found)
    return text


def address(text: str) -> str:
    """One mail address alone."""
    found = parse_address(text)
    if isinstance(found, Address) and not found.needs_smtputf8:
        return found.text
    raise ValueError(f"{text!r} is not an address that every mail server takes")


def domains(text: str) -> tuple[str, ...]:
    """Domain names in lower-case ASCII; empty for none."""
    return tuple(_domain(item) for item in _items(text))


def authorities(text: str) -> str:
    """PEM text of certificates to trust."""
    found = read_authorities(text)
    if isinstance(found, Authorities):
        return found.pem
    raise ValueError(found.sentence)


def networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR notation."""
    return tuple(ipaddress.ip_network(item) for item in _items(text))


def ports(text: str) -> tuple[int, ...]:
    """Port numbers."""
    if not all(item.isdecimal() and 0 < int(item) < 65536 for item in _items(text)):
        raise ValueError("write port numbers up to 65535, such as 25,1025")
    return tuple(int(item) for item in _items(text))


def dns_servers(text: str) -> tuple[tuple[str, int], ...]:
    """(address, port) of name servers."""
    found = []
    for item in _items(text):
        host, _, port = item.partition("#")
        if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError("write each name server as an address, or as address#port")
        found.append((str(ipaddress.ip_address(host)), int(port or 53)))
    return tuple(found)


def whole(text: str) -> int:
    """A whole number from 0."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def above_zero(text: str) -> int:
    """A whole number from 1."""
    if whole(text) == 0:
        raise ValueError("it has to be more than 0")
    return int(text)


def flag(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
        raise ValueError(f"{text!r} is neither yes nor no")
    return text.lower() in {"1", "true", "yes"}


def choice(*allowed: str) -> Callable[[str], str]:
    """One of `allowed`."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not one of {', '.join(allowed)}")
        return text

    return parse


def _domain(text: str) -> str:
    found = parse_address(f"somebody@{text.strip('.')}")
    if isinstance(found, Address):
        return found.domain
    raise ValueError(f"{text!r} is not a domain; write example.org,example.net")


def _items(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _split(text: str) -> SplitResult | None:
    """The parts of an address that has a host and, if any, a port that exists. Says nothing of what is in it."""
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0 and text.isprintable()
    except ValueError:
        return None
    return parts if usable and " " not in text else None
