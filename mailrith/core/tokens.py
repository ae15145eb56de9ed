"""Tokens in links: a payload, the id of the key that signed it, and a MAC that also covers the purpose.

A mail sent years ago still unsubscribes: keys are added to the ring, and old ones stay to verify.
Text form: base64url(length of key id, key id, payload, 16-byte HMAC-SHA256).
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from mailrith.core import config

_MAC_BYTES = 16  # 128 bits cannot be guessed online
_MAX_TOKEN_CHARS = 512

_begun: dict[bytes, tuple[Any, ...]] = {}
_derived: dict[tuple[bytes, str], bytes] = {}


def derive(key: config.Key, use: str) -> bytes:
    """A 32-byte key for one use (RFC 5869 expand; ring keys are uniformly random)."""
    found = _derived.get((key.material, use))
    if found is None:
        info = f"mailrith/{use}".encode()
        found = HKDFExpand(hashes.SHA256(), 32, info).derive(key.material)
        _derived[(key.material, use)] = found
    return found


def key_by_id(key_id: str) -> config.Key | None:
    """The ring's key of that id."""
    return next((key for key in config.current().keys if key.id == key_id), None)


def sign(purpose: str, payload: bytes) -> str:
    """A token for `payload` that only `read` with the same purpose accepts."""
    key = config.current().keys[0]
    head = bytes([len(key.id)]) + key.id.encode() + payload
    return _encode(head + _mac(key, purpose, head))


def read(purpose: str, token: str) -> bytes | None:
    """The payload, or None for anything that was not signed for this purpose by a key of the ring."""
    if len(token) > _MAX_TOKEN_CHARS:
        return None
    try:
        blob = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (Base64Error, ValueError):
        return None
    if _encode(blob) != token or len(blob) < 1 + _MAC_BYTES or len(blob) < 1 + blob[0] + _MAC_BYTES:
        return None
    head, mac = blob[:-_MAC_BYTES], blob[-_MAC_BYTES:]
    key = key_by_id(head[1 : 1 + head[0]].decode("ascii", "replace"))
    if key is None or not hmac.compare_digest(mac, _mac(key, purpose, head)):
        return None
    return head[1 + head[0] :]


def digest(purpose: str, value: str) -> bytes:
    """32 bytes that stand for a one-time secret in the database, under the purpose."""
    return hashlib.sha256(f"{purpose}\0{value}".encode()).digest()


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) with a key of at most 64 bytes. Both halves of it are begun once for each key: each mail has several."""
    begun = _begun.get(key)
    if begun is None:
        padded = key.ljust(64, b"\0")
        begun = tuple(hashlib.sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))
        _begun[key] = begun
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(message)
    outer.update(inner.digest())
    digest: bytes = outer.digest()
    return digest


def _mac(key: config.Key, purpose: str, head: bytes) -> bytes:
    return mac(derive(key, "token"), purpose.encode() + b"\0" + head)[:_MAC_BYTES]


def _encode(blob: bytes) -> str:
    return urlsafe_b64encode(blob).decode().rstrip("=")
