"""Message-IDs that lead back to one delivery. A MAC inside: a guessed id leads nowhere."""

import hmac
import re
from functools import lru_cache
from uuid import UUID

from mailrith.core import config, tokens

_USE = "message-id"
_LEAVING = "leaving-by-mail"
_MAC_HEX = 20  # 80 bits: guessed ids would have to be posted one by one
_SHAPE = re.compile(
    r"<?([0-9a-f]{8}\.([0-9a-f]{1,16})\.([0-9a-z]{1,8}))\.([0-9a-f]{20})@([^@\s]+?)>?"
)


def make(run_public_id: UUID, delivery_id: int, domain: str) -> str:
    """The id of this message, without angle brackets. The same for every attempt."""
    key = config.current().keys[0]
    head = f"{_run(run_public_id)}.{delivery_id:x}.{key.id.lower()}"
    return f"{head}.{_mac(key, head)}@{domain}"


def read(message_id: str) -> int | None:
    """The delivery's id, or None for an id that we did not make. Brackets and case do not matter."""
    found = _signed(message_id, _USE)
    return int(found[0][2], 16) if found else None


def for_leaving(message_id: str) -> str:
    """The id with another MAC in it, which nobody can make who knows only the Message-ID."""
    return _signed_again(message_id, _USE, _LEAVING) or ""


def from_leaving(message_id: str) -> str | None:
    """The Message-ID behind what `for_leaving` gave; None for anything else."""
    return _signed_again(message_id, _LEAVING, _USE)


def from_mark(mark: str) -> str:
    """The Message-ID that a mark (content.headers.mark_of) in a mail service's event stands for, good for `read` and `is_of`.

    Its domain is a stand-in: a mark holds only what leads to the delivery.
    """
    return f"{mark.strip().replace('-', '.')}@mark.invalid"


def is_of(message_id: str, run_public_id: UUID) -> bool:
    """Whether the id was made for that run: SQLite may give the number of a deleted delivery to another one."""
    return message_id.strip().lower().removeprefix("<").startswith(f"{_run(run_public_id)}.")


@lru_cache(64)
def _run(public_id: UUID) -> str:
    """The last digits of a UUIDv7 are its random ones."""
    return public_id.hex[-8:]


def _signed(message_id: str, use: str) -> tuple[re.Match[str], config.Key] | None:
    """The parts of an id, and the key of the ring that signed it for this use."""
    found = _SHAPE.fullmatch(message_id.strip().lower()) if len(message_id) <= 998 else None
    if found is None:
        return None
    for key in config.current().keys:
        if key.id.lower() == found[3] and hmac.compare_digest(found[4], _mac(key, found[1], use)):
            return found, key
    return None


def _signed_again(message_id: str, use: str, other: str) -> str | None:
    signed = _signed(message_id, use)
    if signed is None:
        return None
    found, key = signed
    return f"{found[1]}.{_mac(key, found[1], other)}@{found[5]}"


def _mac(key: config.Key, head: str, use: str = _USE) -> str:
    return tokens.mac(tokens.derive(key, use), head.encode()).hex()[:_MAC_HEX]
