"""The compiled message: everything that is the same for all recipients encoded once, and the rest
spliced in as bytes.

A message built by the standard library costs milliseconds; this one costs microseconds, which is
what makes a large sending bearable on a small machine.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from mailrith.content import header_names, headers, slots
from mailrith.content.characters import one_value
from mailrith.content.filling import Context, Fill, body_fill, header_fills, settled
from mailrith.content.letter import Letter, Recipient
from mailrith.content.limits import LARGEST_BODY, MOST_EXTRA_HEADERS
from mailrith.content.quoted_printable import encode_run
from mailrith.content.reading_back import differences, samples
from mailrith.content.slots import Slot
from mailrith.core.errors import Invalid

__all__ = ["CompiledMessage", "Letter", "Recipient", "compile_message"]

_TOO_LARGE = f"This mail is too large. {LARGEST_BODY // 1_000_000} MB are the most."


class CompiledMessage:
    """A letter ready to be built for one recipient after another. Safe to share between threads."""

    __slots__ = ("_fills", "_parts", "letter")

    def __init__(self, letter: Letter, parts: Iterable[bytes | Fill]) -> None:
        self.letter = letter
        joined: list[bytes] = []
        places: dict[Fill, list[int]] = {}
        open_run = False
        for part in parts:
            if isinstance(part, Fill):
                places.setdefault(part, []).append(len(joined))
                joined.append(b"")
                open_run = False
            elif open_run:
                joined[-1] += part
            else:
                joined.append(part)
                open_run = True
        self._parts = joined
        self._fills = [(fill.read, fill.encode, where) for fill, where in places.items()]

    def build(self, recipient: Recipient) -> bytes:
        """The message for this recipient: CRLF line ends, lines of at most 76 characters in the
        parts, no line that begins with a dot. Invalid for an address that can't be in a header.
        """
        parts = self._parts.copy()
        for read, encode, places in self._fills:
            piece = encode(read(recipient))
            for place in places:
                parts[place] = piece
        built = b"".join(parts)
        if len(built) > LARGEST_BODY:  # rarely: the letter itself was measured when it was compiled
            raise Invalid(_TOO_LARGE, field="body")
        return built

    def verify(self, recipients: Iterable[Recipient]) -> None:
        """Invalid unless each of these messages, read back by the standard library, has exactly the
        header fields, values and texts that were meant.
        """
        for recipient in recipients:
            for difference in differences(self.letter, recipient, self.build(recipient)):
                raise Invalid(
                    f"This mail would not arrive as it was written: {difference}.", field="subject"
                )


def compile_message(letter: Letter) -> CompiledMessage:
    """The letter compiled and proved on sample recipients. Invalid with a sentence when something of
    it can't go into a mail.
    """
    _check(letter)
    compiled = CompiledMessage(letter, _parts(letter))
    compiled.verify(samples(letter))
    return compiled


def _check(letter: Letter) -> None:
    headers.check_subject(headers.check_text(letter.subject, "subject"))
    headers.check_text(letter.from_name, "from_name")
    headers.check_address(letter.from_address, "from_address")
    if len(letter.from_name) > headers.LONGEST_VALUE:
        raise Invalid(
            f"The name of the sender is too long. {headers.LONGEST_VALUE} characters are the most.",
            field="from_name",
        )
    headers.check_list_id(letter.list_id)
    if letter.reply_to:
        headers.check_address(letter.reply_to, "reply_to")
    if letter.feedback_id and letter.feedback_id.count(":") != 3:
        raise Invalid("A Feedback-ID has four fields.", field="feedback_id")
    _check_extra_headers(letter)
    for name, _ in letter.carrier_headers:
        header_names.check_own(name)
    if letter.trace:
        header_names.check_own(letter.trace[0])
    if len(letter.html.encode()) + len(letter.text.encode()) > LARGEST_BODY:
        raise Invalid(_TOO_LARGE, field="body")


def _check_extra_headers(letter: Letter) -> None:
    names = [header_names.refuse_reserved(name).lower() for name, _ in letter.extra_headers]
    if len(names) > MOST_EXTRA_HEADERS:
        raise Invalid(
            f"There are {len(names)} headers. {MOST_EXTRA_HEADERS} are the most.", field="headers"
        )
    if len(set(names)) < len(names):
        raise Invalid("Name each header once.", field="headers")
    for name, value in letter.extra_headers:
        if not one_value(headers.check_text(value, "headers")):
            raise Invalid(f"The header {name} has no value.", field="headers")


def _parts(letter: Letter) -> Iterator[bytes | Fill]:
    yield from _header(letter)
    boundary = f"=_{sha256((letter.html + letter.text).encode()).hexdigest()[:24]}"
    # "=_" can't occur in quoted-printable, so no text can hold the boundary.
    yield f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode("ascii")
    for kind, text in (("plain", letter.text), ("html", letter.html)):
        yield (
            f"\r\n--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode("ascii")
        yield from _body(text, "html" if kind == "html" else "text", letter)
    yield f"\r\n--{boundary}--\r\n".encode("ascii")


def _header(letter: Letter) -> Iterator[bytes | Fill]:
    fills = header_fills(letter)
    yield headers.mailbox_field("From", letter.from_name, letter.from_address)
    yield fills["To"]
    yield fills.get("Subject") or headers.field("Subject", letter.subject)
    yield fills["Date"]
    yield fills["Message-ID"]
    if letter.reply_to:
        yield headers.raw_field("Reply-To", letter.reply_to)
    yield fills["List-Unsubscribe"]
    yield headers.raw_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    yield headers.list_id_field(letter.list_name, letter.list_id)
    if letter.feedback_id:
        yield headers.field("Feedback-ID", letter.feedback_id)
    yield headers.raw_field("Precedence", "bulk")
    for name, value in letter.extra_headers:
        yield headers.field(name, value)
    for name, value in letter.carrier_headers:
        yield headers.structured_field(name, value)
    if letter.trace:
        yield fills[letter.trace[0]]
    yield headers.raw_field("MIME-Version", "1.0")


def _body(text: str, context: Context, letter: Letter) -> Iterator[bytes | Fill]:
    if not letter.tracked:
        text = settled(text, context)
    made: dict[Slot, Fill] = {}
    for piece in slots.split(text.replace("\r\n", "\n")):
        if isinstance(piece, Slot):
            yield made.setdefault(piece, body_fill(piece, context))
        else:
            yield encode_run(piece)
