"""Secrets at rest: AES-256-GCM under a key of the ring, bound to the row that holds them.

Layout of a sealed secret: version 0x01, length of the key id, key id, 12-byte nonce, ciphertext with tag.
The associated data names table, row and column, so a value copied to another row does not open.
"""

import secrets as random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailrith.core import config, tokens

_VERSION = 1
_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.1


class Unreadable(Exception):
    """The key is not in the ring any more, or the value belongs to another row."""


def seal(plain: str, *, place: str) -> bytes:
    """Encrypt `plain` for `place`, for example "connections:7:password"."""
    key = config.current().keys[0]
    nonce = random.token_bytes(_NONCE_BYTES)
    body = AESGCM(tokens.derive(key, "seal")).encrypt(nonce, plain.encode(), place.encode())
    return bytes([_VERSION, len(key.id)]) + key.id.encode() + nonce + body


def open_sealed(sealed: bytes, *, place: str) -> str:
    """The plain text of `seal`. Raises Unreadable."""
    if len(sealed) < 2 + _NONCE_BYTES or sealed[0] != _VERSION:
        raise Unreadable("this is not a sealed secret")
    end = 2 + sealed[1]
    key = tokens.key_by_id(sealed[2:end].decode("ascii", "replace"))
    if key is None:
        raise Unreadable("the key that sealed this secret is not in MAILRITH_KEYS any more")
    cipher = AESGCM(tokens.derive(key, "seal"))
    nonce, body = sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, body, place.encode()).decode()
    except InvalidTag:
        raise Unreadable("this secret was sealed for another row") from None


def sealed_with_current_key(sealed: bytes) -> bool:
    """Whether rotation has nothing to do here."""
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace") == config.current().keys[0].id
