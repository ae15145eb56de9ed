"""Addresses of a bounce mailbox that lead back to one delivery: `bounces+<mark>@news.example.org`.

Of the envelope (VERP) it is the mark of the Message-ID: a relay may rewrite the Message-ID, and a bounce need not quote it.
For leaving it has a MAC of its own, since whoever quotes a mail shows its Message-ID to others.
"""

import re

from mailrith.content.headers import mark_of
from mailrith.delivery.sending import message_ids

LONGEST_LOCAL = 64  # octets (RFC 5321, 4.5.3.1.1)
LONGEST_MARK = (
    52  # of a delivery whose number has ten hexadecimal digits, under a key id of eight letters
)

_MARKED = re.compile(r"\+([0-9a-z-]{1,60})@", re.IGNORECASE)


def envelope(address: str, message_id: str) -> str:
    """The envelope's sender for one message."""
    return _marked(address, mark_of(message_id))


def leaving(address: str, message_id: str) -> str:
    """Where a mail of any content unsubscribes the person to whom the message went."""
    return _marked(address, mark_of(message_ids.for_leaving(message_id)))


def marks(address: str) -> list[str]:
    """What stands behind a + in the addresses of a header."""
    return [found.lower() for found in _MARKED.findall(address)]


def bounced(mark: str) -> str | None:
    """The Message-ID, as good as the real one for reading, of the message whose envelope had this mark."""
    message_id = message_ids.from_mark(mark)
    return message_id if message_ids.read(message_id) is not None else None


def left(mark: str) -> str | None:
    """The same for the message that offered this mark for leaving."""
    return message_ids.from_leaving(message_ids.from_mark(mark))


def _marked(address: str, mark: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{mark}@{domain}"
