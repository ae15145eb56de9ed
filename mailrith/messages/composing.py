"""A checked draft becomes bytes: our own encoding of headers (content.headers), parts that no server alters.

The Message-ID is not in them, because it leads to a row that does not exist yet: it is put in front. So are the fields of the
mail service that carries the message, which is known only when it leaves.
"""

import re
from base64 import encodebytes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from mailrith.content import headers
from mailrith.content.characters import many_lines
from mailrith.content.filling import date_text
from mailrith.content.quoted_printable import encode_run
from mailrith.messages.drafts import Draft, Mailbox
from mailrith.messages.html_text import text_of
from mailrith.messages.models import Priority

# RFC 2156, 5.3.4 (Importance), and the older field that many programs still show.
_PRIORITY = {
    Priority.HIGH: (("X-Priority", "1"), ("Importance", "high")),
    Priority.NORMAL: (),
    Priority.LOW: (("X-Priority", "5"), ("Importance", "low")),
}
_TOKEN_NAME = re.compile(r"[A-Za-z0-9._ ()+-]{1,60}")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment at hand. `content_type` is a checked type/subtype, `content_id` the name by which the HTML shows it."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that the bytes say. text and html have line feeds; an empty html leaves a text alone."""

    sender: Mailbox
    draft: Draft
    date: datetime
    text: str = field(repr=False)
    html: str = field(repr=False)
    files: tuple[File, ...] = ()

    @property
    def shown(self) -> list[File]:
        """Those that stand inside the HTML."""
        return [one for one in self.files if one.content_id]

    @property
    def attached(self) -> list[File]:
        """Those beside it."""
        return [one for one in self.files if not one.content_id]


def letter_of(draft: Draft, sender: Mailbox, files: tuple[File, ...], date: datetime) -> Letter:
    """The draft as it will be written; without a text, with one made of the HTML."""
    html = many_lines(draft.html)
    text = many_lines(draft.text) if draft.text.strip() else text_of(html)
    return Letter(sender, draft, date, _ended(text), _ended(html) if html.strip() else "", files)


def compose(letter: Letter) -> bytes:
    """The message without its Message-ID: CRLF line ends, one at its end, and no line that begins with a dot."""
    return b"".join([*_header(letter), *_body(letter)])


def message_id_field(message_id: str) -> bytes:
    """What belongs in front."""
    return headers.raw_field("Message-ID", f"<{message_id}>")


def priority_fields(priority: Priority) -> tuple[tuple[str, str], ...]:
    """The header fields that say it."""
    return _PRIORITY[priority]


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _header(letter: Letter) -> Iterator[bytes]:
    draft, sender = letter.draft, letter.sender
    yield headers.mailbox_field("From", sender.name, sender.email)
    yield _mailboxes("To", draft.to)
    if draft.cc:
        yield _mailboxes("Cc", draft.cc)
    yield headers.field("Subject", draft.subject)
    yield headers.raw_field("Date", date_text(int(letter.date.timestamp())))
    if draft.reply_to:
        yield _mailboxes("Reply-To", draft.reply_to)
    # RFC 3834, 5: nobody's vacation message should answer it.
    for name, value in (*priority_fields(draft.priority), ("Auto-Submitted", "auto-generated")):
        yield headers.raw_field(name, value)
    for name, value in draft.headers:
        yield headers.field(name, value)
    yield headers.raw_field("MIME-Version", "1.0")


def _mailboxes(name: str, mailboxes: Sequence[Mailbox]) -> bytes:
    """An address list (RFC 5322, 3.4), each on a line of its own."""
    fields = [headers.mailbox_field(name, one.name, one.email)[:-2] for one in mailboxes]
    start = len(name) + 2
    return fields[0] + b"".join(b",\r\n " + one[start:] for one in fields[1:]) + b"\r\n"


def _body(letter: Letter) -> Iterator[bytes]:
    if not letter.attached:
        yield from _written(letter)
        return
    yield from _beside(_written(letter), letter.attached, "multipart/mixed", "m")


def _beside(
    first: Iterable[bytes], files: Sequence[File], kind: str, letter: str
) -> Iterator[bytes]:
    """A part, and files beside it. `letter` keeps boundaries of one message apart."""
    digest = sha256(b"".join(one.content for one in files)).hexdigest()
    boundary = f"=_{letter}{digest[:24]}"
    yield f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode()
    yield from first
    for one in files:
        yield f"\r\n--{boundary}\r\n".encode()
        yield from _attached(one)
    yield f"\r\n--{boundary}--\r\n".encode()


def _written(letter: Letter) -> Iterator[bytes]:
    """The text, or the text and the HTML as alternatives."""
    if not letter.html:
        yield from _part("plain", letter.text)
        return
    # "=_" occurs in neither of our encodings, so nothing inside can be taken for the boundary.
    boundary = f"=_a{sha256((letter.html + letter.text).encode()).hexdigest()[:24]}"
    yield f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'.encode()
    for part in (_part("plain", letter.text), _html(letter)):
        yield f"\r\n--{boundary}\r\n".encode()
        yield from part
    yield f"\r\n--{boundary}--\r\n".encode()


def _html(letter: Letter) -> Iterator[bytes]:
    """With what it shows, as one (RFC 2387)."""
    html = _part("html", letter.html)
    if not letter.shown:
        return html
    return _beside(html, letter.shown, 'multipart/related; type="text/html"', "r")


def _part(kind: str, text: str) -> Iterator[bytes]:
    yield (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()
    yield encode_run(text)


def _attached(one: File) -> Iterator[bytes]:
    yield f"Content-Type: {one.content_type}\r\nContent-Transfer-Encoding: base64\r\n".encode()
    if one.content_id:
        yield f"Content-ID: <{one.content_id}>\r\n".encode()
    disposition = "inline" if one.content_id else "attachment"
    yield f"Content-Disposition: {disposition};\r\n {_file_name(one.name)}\r\n\r\n".encode()
    yield encodebytes(one.content).replace(b"\n", b"\r\n")


def _file_name(name: str) -> str:
    """RFC 2183, 2.3; what is not plain ASCII by RFC 2231."""
    if _TOKEN_NAME.fullmatch(name):
        return f'filename="{name}"'
    return f"filename*=utf-8''{quote(name, safe='')}"
