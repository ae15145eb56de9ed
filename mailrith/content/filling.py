"""What stands in a slot for one recipient: as text, and as the bytes of one place in the message.

A fill reads a key from the recipient and turns it into bytes. Keys that many people share (a
name) are remembered; those that nobody shares (an address, a link) are not.
"""

import html
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from mailrith.content import headers, merge, slots
from mailrith.content.characters import one_value
from mailrith.content.letter import Letter, Recipient
from mailrith.content.quoted_printable import encode_value
from mailrith.content.slots import Kind, Slot
from mailrith.core.errors import Invalid

REMEMBERED = 4096
"""Distinct values kept for each slot: a few hundred kilobytes, and most first names."""

Context = Literal["html", "text"]


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    read: Callable[[Recipient], Any]
    encode: Callable[[Any], bytes]


# ---- as text -------------------------------------------------------------------------------


def slot_text(slot: Slot, recipient: Recipient, *, tracked: bool) -> str:
    """What the slot says to this recipient, before it is escaped for anything."""
    match slot.kind:
        case "name" | "email":
            return merge.value(slot, recipient.person)
        case "unsubscribe":
            return recipient.unsubscribe_url
        case "link":
            return recipient.links[slot.number] if tracked else slot.text
        case "pixel":
            return recipient.pixel_url if tracked else ""


def in_context(slot: Slot, text: str, context: Context) -> str:
    """The text of a slot, escaped for the part of the mail that it stands in."""
    if slot.kind == "pixel":
        if context == "text" or not text:
            return ""
        return f'<img src="{html.escape(text)}" width="1" height="1" alt="" />'
    return html.escape(text) if context == "html" else text


def settled(text: str, context: Context) -> str:
    """The text with the slots filled that are the same for everybody when nothing is tracked."""
    return "".join(
        in_context(piece, piece.text, context)
        if isinstance(piece, Slot) and piece.kind in ("link", "pixel")
        else str(piece)
        for piece in slots.split(text)
    )


def subject_text(pieces: tuple[str | Slot, ...], name: str, email: str) -> str:
    """The subject as this person reads it. Values are cut to a length that a header can bear."""
    person = merge.Person(name, email)
    filled = (
        piece if isinstance(piece, str) else headers.shortened(merge.value(piece, person))
        for piece in pieces
    )
    return headers.shortened("".join(filled), headers.LONGEST_SUBJECT)


# ---- as bytes ------------------------------------------------------------------------------


def body_fill(slot: Slot, context: Context) -> Fill:
    """The fill of a slot in a quoted-printable part."""

    def encode(text: str) -> bytes:
        return encode_value(in_context(slot, text, context))

    match slot.kind:
        case "name":
            return _remembering(
                attrgetter("person.name"), lambda name: encode(one_value(name) or slot.text)
            )
        case "email":
            return Fill(
                attrgetter("person.email"), lambda email: encode(one_value(email) or slot.text)
            )
        case "unsubscribe":
            return Fill(attrgetter("unsubscribe_url"), lambda url: encode(_url(url)))
        case "link":
            number = slot.number
            return Fill(lambda recipient: recipient.links[number], lambda url: encode(_url(url)))
        case "pixel":
            return Fill(attrgetter("pixel_url"), lambda url: encode(_url(url)))


def header_fills(letter: Letter) -> dict[str, Fill]:
    """The fills of the header fields that differ from one recipient to the next, by name."""
    fills = {
        "To": Fill(attrgetter("address"), lambda address: headers.raw_field("To", address)),
        "Date": _remembering(lambda recipient: int(recipient.date.timestamp()), _date),
        "Message-ID": Fill(
            attrgetter("message_id"),
            lambda text: headers.raw_field("Message-ID", f"<{_url(text)}>"),
        ),
        "List-Unsubscribe": Fill(
            attrgetter("unsubscribe_url", "unsubscribe_mail"),
            lambda ways: headers.links_field("List-Unsubscribe", *_ways_out(*ways)),
        ),
    }
    pieces = tuple(merge.parse(letter.subject))
    kinds = {piece.kind for piece in pieces if isinstance(piece, Slot)}
    if kinds:
        fills["Subject"] = _subject_fill(pieces, kinds)
    if letter.trace:
        fills[letter.trace[0]] = _trace(*letter.trace)
    return fills


def _ways_out(url: str, address: str) -> Iterator[str]:
    """The page, and where there is one the address. RFC 8058 needs the page, and programs prefer what comes first."""
    yield _url(url)
    if address:
        yield f"mailto:{_url(address)}"


def _subject_fill(pieces: tuple[str | Slot, ...], kinds: set[Kind]) -> Fill:
    def encode(name: str, email: str) -> bytes:
        return headers.field("Subject", subject_text(pieces, name, email))

    if kinds == {"name"}:  # nearly always; and names repeat where addresses do not
        return _remembering(attrgetter("person.name"), lambda name: encode(name, ""))
    return Fill(attrgetter("person.name", "person.email"), lambda both: encode(*both))


def date_text(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def _date(seconds: int) -> bytes:
    return headers.raw_field("Date", date_text(seconds))


def _trace(name: str, before: str, after: str) -> Fill:
    # Folded once around a mark of the greatest length: a shorter one only makes a line shorter.
    place = "0" * headers.LONGEST_MARK
    start, _, end = headers.structured_field(name, before + place + after).partition(place.encode())
    return Fill(
        attrgetter("message_id"),
        lambda message_id: start + headers.mark_of(message_id).encode("ascii") + end,
    )


def _remembering(read: Callable[[Recipient], Hashable], encode: Callable[[Any], bytes]) -> Fill:
    return Fill(read, lru_cache(REMEMBERED)(encode))


def _url(text: str) -> str:
    """Ours, so never escaped; a character that could end it early is refused."""
    if not (text.isascii() and text.isprintable()) or " " in text or "<" in text or ">" in text:
        raise Invalid("An address in this mail holds characters that it can't.", field="url")
    return text
