"""The unsubscribe link of each mail. It names the address by its fingerprint, so it still works when the person was
deleted and added again, and when the broadcast is gone.
"""

from dataclasses import dataclass
from struct import Struct

from mailrith.core import config, tokens

PURPOSE = "unsubscribe"

_PAYLOAD = Struct(">QQQ16s")  # workspace, subscriber, delivery, fingerprint


@dataclass(frozen=True, slots=True)
class UnsubscribeClaim:
    """What a link of ours says: this address of this workspace wants no more mail."""

    workspace_id: int
    subscriber_id: int
    fingerprint: bytes
    delivery_id: int


def unsubscribe_url(
    workspace_id: int, subscriber_id: int, fingerprint: bytes, delivery_id: int
) -> str:
    """The address of the page, and of the one-click POST (RFC 8058), for one message to one person."""
    payload = _PAYLOAD.pack(workspace_id, subscriber_id, delivery_id, fingerprint)
    return f"{config.current().public_url}/u/{tokens.sign(PURPOSE, payload)}"


def read_unsubscribe(token: str) -> UnsubscribeClaim | None:
    """What the token says, or None for anything that we did not sign."""
    payload = tokens.read(PURPOSE, token)
    if payload is None or len(payload) != _PAYLOAD.size:
        return None
    workspace_id, subscriber_id, delivery_id, fingerprint = _PAYLOAD.unpack(payload)
    return UnsubscribeClaim(workspace_id, subscriber_id, fingerprint, delivery_id)


def test_unsubscribe_url() -> str:
    """The link in a test mail: it shows what would happen, and unsubscribes nobody."""
    return f"{config.current().public_url}/u/test"
