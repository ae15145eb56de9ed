"""DKIM keys that a domain publishes at selectors we know of (RFC 6376, 3.6; key sizes by RFC 8301)."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailrith.connections.sender_checks import tags
from mailrith.connections.sender_checks.lookup import Answer, Lookup, Outcome

MAX_SELECTORS = 20
MAX_TYPED_CHARS = 220
ED25519_BYTES = 32
BAD_BITS = 1024  # receivers must not accept shorter keys (RFC 8301, 3.2)
GOOD_BITS = 2048
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SEPARATOR = "._domainkey"


class KeyState(StrEnum):
    """What stands at a selector."""

    GOOD = "good"
    ABSENT = "absent"
    REVOKED = "revoked"  # an empty p=
    BROKEN = "broken"
    FAILED = "failed"  # nobody answered


@dataclass(frozen=True)
class Key:
    """One selector. `bits` of an RSA key; `alias` is where a CNAME led; `problem` is a code."""

    name: str  # selector._domainkey.domain
    state: KeyState = KeyState.ABSENT
    kind: str = ""
    bits: int = 0
    testing: bool = False
    alias: str = ""
    problem: str = ""

    @property
    def selector(self) -> str:
        """The part before ._domainkey."""
        return self.name.partition(_SEPARATOR)[0]

    @property
    def domain(self) -> str:
        """The part after ._domainkey. : what its signatures say in d=."""
        return self.name.partition(_SEPARATOR + ".")[2]


def examine(lookup: Lookup, domain: str, selectors: Iterable[str]) -> tuple[Key, ...]:
    """The key at each selector, in order. A selector is a label, or a whole name with ._domainkey. in it."""
    names = dict.fromkeys(full_name(selector, domain) for selector in selectors)
    return tuple(_at(name, lookup.texts(name)) for name in list(names)[:MAX_SELECTORS])


def full_name(selector: str, domain: str) -> str:
    """Where the key of a selector is published."""
    inside = _SEPARATOR + "." in selector
    return selector if inside else f"{selector.removesuffix(_SEPARATOR)}{_SEPARATOR}.{domain}"


def selector_of(text: str) -> str | None:
    """What somebody typed or a signature named, in lower case; None for what no selector can be."""
    if len(text) > MAX_TYPED_CHARS:
        return None
    name, found, domain = text.strip().strip(".").lower().partition(_SEPARATOR)
    domain = domain.removeprefix(".")
    if not _SELECTOR.fullmatch(name) or (domain and not _SELECTOR.fullmatch(domain)):
        return None
    return f"{name}{found}.{domain}" if domain else name


def _at(name: str, answer: Answer) -> Key:
    if answer.outcome == Outcome.FAILED:
        return Key(name, KeyState.FAILED)
    # Without p= and v= it is something else, such as a wildcard's TXT record.
    keys = [text for text in answer.texts if {"p", "v"} & set(tags.parse(text) or {})]
    keys = [text for text in keys if not text.lower().startswith(("v=spf1", "v=dmarc1"))]
    if not keys:
        lost = answer.texts and any("p=" in text for text in answer.texts)
        return Key(name, KeyState.BROKEN if lost else KeyState.ABSENT, alias=answer.alias)
    if len(keys) > 1:
        return Key(name, KeyState.BROKEN, alias=answer.alias, problem="several")
    return parse(keys[0], name, answer.alias)


def parse(text: str, name: str, alias: str = "") -> Key:
    """One key record."""
    found = tags.parse(text) or {}
    kind = found.get("k", "rsa").lower()
    public = tags.compact(found.get("p", ""))
    testing = "y" in tags.compact(found.get("t", "")).lower().split(":")
    problem = _problem(found, kind)
    if "p" in found and not public:
        return Key(name, KeyState.REVOKED, kind, testing=testing, alias=alias)
    bits = _bits(public, kind)
    if bits is None:
        return Key(name, KeyState.BROKEN, kind, testing=testing, alias=alias, problem="unreadable")
    if kind == "rsa" and bits < BAD_BITS:
        problem = "short"
    state = KeyState.BROKEN if problem else KeyState.GOOD
    return Key(name, state, kind, bits, testing, alias, problem)


def _problem(found: dict[str, str], kind: str) -> str:
    version, hashes = found.get("v"), tags.compact(found.get("h", "")).lower().split(":")
    uses = tags.compact(found.get("s", "*")).lower().split(":")
    if version not in {None, "DKIM1"} or (version and next(iter(found)) != "v"):
        return "version"
    if kind not in {"rsa", "ed25519"}:
        return "kind"
    if hashes != [""] and "sha256" not in hashes:
        return "sha1"
    return "" if {"*", "email"} & set(uses) else "not_for_mail"


def _bits(public: str, kind: str) -> int | None:
    try:
        blob = b64decode(public, validate=True)
    except (binascii.Error, ValueError):
        return None
    if kind == "ed25519":
        return 256 if len(blob) == ED25519_BYTES else None
    if kind != "rsa":
        return 0
    try:
        key = load_der_public_key(blob)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None
