"""Links in the installation's own mails: signed, for one purpose, with an end, and always on the public address.

Payload of each: a key and the Unix second it was made (8 bytes each), and 8 bytes of what has to be unchanged.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailrith.accounts.models import SignUp, User
from mailrith.core import config, tokens
from mailrith.core.clock import now

CONFIRM_WITHIN = timedelta(hours=24)
RESET_WITHIN = timedelta(hours=1)
OWNER_WITHIN = timedelta(hours=24)
SIGN_UPS_KEPT = timedelta(days=7)  # after that, an unconfirmed sign-up is forgotten

_HEAD = struct.Struct(">QQ")
_STATE_BYTES = 8


@dataclass(frozen=True)
class Claim:
    """What a signed link says. Whether it still holds, the rows decide."""

    key: int
    made_at: datetime
    state: bytes

    def expired(self, within: timedelta) -> bool:
        """Whether the link is older than `within`."""
        return now() - self.made_at > within


def url(path: str) -> str:
    """A full address on this installation. Never made from a request: its Host header is whatever somebody sent."""
    return config.current().public_url + path


def confirm_url(sign_up: SignUp) -> str:
    """Confirms the address of this request; dies when a newer link is asked for."""
    return url("/confirm/" + _make("confirm", sign_up.id, _round_state(sign_up)))


def reset_url(user: User) -> str:
    """Sets a new password once: the link depends on the present one."""
    return url("/reset/" + _make("reset", user.id, _password_state(user)))


def read_confirm(token: str) -> Claim | None:
    """The claim of a confirmation link, or None when it was not made here."""
    return _read("confirm", token)


def read_reset(token: str) -> Claim | None:
    """The claim of a reset link, or None when it was not made here."""
    return _read("reset", token)


def confirms(claim: Claim, sign_up: SignUp) -> bool:
    """Whether this is the newest link of the request, and young enough."""
    return claim.state == _round_state(sign_up) and not claim.expired(CONFIRM_WITHIN)


def resets(claim: Claim, user: User) -> bool:
    """Whether the password is still the one that the link was made for, and the link young enough."""
    return claim.state == _password_state(user) and not claim.expired(RESET_WITHIN)


def _round_state(sign_up: SignUp) -> bytes:
    return sign_up.round.to_bytes(_STATE_BYTES, "big")


def _password_state(user: User) -> bytes:
    text = f"{user.fs_uniquifier}\0{user.password}\0{user.email}"
    return hashlib.sha256(text.encode()).digest()[:_STATE_BYTES]


def _make(purpose: str, key: int, state: bytes) -> str:
    return tokens.sign(purpose, _HEAD.pack(key, int(now().timestamp())) + state)


def _read(purpose: str, token: str) -> Claim | None:
    payload = tokens.read(purpose, token)
    if payload is None or len(payload) != _HEAD.size + _STATE_BYTES:
        return None
    key, second = _HEAD.unpack(payload[: _HEAD.size])
    return Claim(key, datetime.fromtimestamp(second, UTC), payload[_HEAD.size :])
