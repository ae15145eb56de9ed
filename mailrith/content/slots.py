"""Slots: the places of a mail that differ from one recipient to the next.

A slot travels inside ordinary strings (HTML, text, a subject) as a run of private-use characters
that describes the slot completely. Escaping, wrapping and rendering leave such a run alone,
and input never holds one (`characters.one_line`), so nobody can forge a slot by typing it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mailrith.content.characters import SLOT_BYTE, SLOT_CLOSE, SLOT_OPEN

Kind = Literal["name", "email", "unsubscribe", "link", "pixel"]

_SLOT = re.compile(f"{SLOT_OPEN}([{chr(SLOT_BYTE)}-{chr(SLOT_BYTE + 0xFF)}]*){SLOT_CLOSE}")


@dataclass(frozen=True, slots=True)
class Slot:
    """kind: whose value goes here. text: the fallback of a merge tag, or the plain address
    of a link. number: which link of the mail, counted from 0.
    """

    kind: Kind
    text: str = ""
    number: int = 0

    def __str__(self) -> str:
        payload = json.dumps([self.kind, self.text, self.number]).encode("ascii")
        return SLOT_OPEN + "".join(chr(SLOT_BYTE + byte) for byte in payload) + SLOT_CLOSE


UNSUBSCRIBE = Slot("unsubscribe")
PIXEL = Slot("pixel")


def split(text: str) -> Iterator[str | Slot]:
    """The static runs and the slots, in order; empty runs are left out."""
    end = 0
    for match in _SLOT.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        yield _read(match.group(1))
        end = match.end()
    if end < len(text):
        yield text[end:]


def _read(payload: str) -> Slot:
    kind, text, number = json.loads(bytes(ord(letter) - SLOT_BYTE for letter in payload))
    return Slot(kind, text, number)
