"""The mail that came back: its Message-ID and the people it went to."""

import re

from mailrith.events.mail.fields import ADDRESS
from mailrith.events.mail.parts import Mail

_MESSAGE_ID = re.compile(r"^message-id:\s*<?([^\s<>]+)>?", re.IGNORECASE | re.MULTILINE)
_TO = re.compile(
    r"^(?:x-original-to|delivered-to|to|cc):((?:.*\n?)(?:[ \t]+.*\n?)*)",
    re.IGNORECASE | re.MULTILINE,
)


def ids_of(mail: Mail) -> str:
    """The Message-ID of the returned mail; from prose too, where its headers were pasted."""
    for text in (mail.original, mail.prose):
        found = _MESSAGE_ID.search(text)
        if found:
            return found[1]
    return ""


def recipients_of(mail: Mail) -> list[str]:
    """Addresses in To and Cc of the returned mail, in order, each once."""
    found: dict[str, None] = {}
    for text in (mail.original, mail.prose):
        for field in _TO.findall(text):
            for address in ADDRESS.findall(field):
                found[address] = None
        if found:
            break
    return list(found)
