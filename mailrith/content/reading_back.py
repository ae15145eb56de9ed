"""Reading a built message back with the standard library, and comparing it with what was meant.

The two sides share as little as they can: what is meant is put together here without any of the
encoding, folding and splicing that made the message.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message

from mailrith.content import merge, slots
from mailrith.content.characters import one_value
from mailrith.content.filling import Context, date_text, in_context, slot_text, subject_text
from mailrith.content.headers import LONGEST_SUBJECT
from mailrith.content.letter import Letter, Recipient
from mailrith.content.limits import LARGEST_BODY, MOST_HEADERS
from mailrith.content.merge import Person

_PHRASES = ("From", "List-Id")

_HOSTILE_NAMES = (
    "",
    "Amara Singh",
    "=?utf-8?q?Bob=0AReply-To=3A_evil=40x.test=0AX-Inj=3A_1?=",
    'Zoë "Zed" <b>\\\r\nBcc: x@x.test\r\n\r\n.\r\n\x00\u2028{{7*7}}',
    "😀" * 300,
)


def samples(letter: Letter) -> Iterator[Recipient]:
    """Recipients with the names that hurt most."""
    for number, name in enumerate(_HOSTILE_NAMES):
        yield Recipient(
            address=f"sample{number}@example.com",
            person=Person(name, f"sample{number}@example.com"),
            message_id=f"{number}.sample@example.com",
            unsubscribe_url=f"https://example.com/u/{number}?a=b&c={'d' * 60 * number}",
            date=datetime(2026, 4, 24, 6, 2, number, tzinfo=UTC),
            links=tuple(f"https://example.com/c/{place}" for place in range(1000)),
            pixel_url="https://example.com/o/1",
            unsubscribe_mail=f"leave+{number}@example.com" if number % 2 else "",
        )


def differences(letter: Letter, recipient: Recipient, built: bytes) -> Iterator[str]:
    """What is not as it was meant, in words; nothing when all is well."""
    yield from wire_faults(built)
    message = message_from_bytes(built, policy=policy.compat32)
    meant = intended_headers(letter, recipient)
    found = [(name, _read(name, value)) for name, value in message.raw_items()]
    names = [name for name, _ in found if name != "Content-Type"]
    if names != [name for name, _ in meant]:
        yield f"its header fields are {', '.join(names)}"
    for (name, wanted), (_, value) in zip(meant, found, strict=False):
        if value != wanted:
            yield f"{name} reads “{value[:80]}”"
        if name == "Subject" and len(value) > LONGEST_SUBJECT:
            yield f"its subject has {len(value):,} characters"
    if len(found) > MOST_HEADERS:
        yield f"it has {len(found)} header fields"
    contexts: tuple[Context, Context] = ("text", "html")
    for part, context in zip(message.get_payload(), contexts, strict=True):
        assert isinstance(part, Message)
        if _body(part) != intended_body(letter, recipient, context):
            yield f"its {context} part is not what was written"


def intended_headers(letter: Letter, recipient: Recipient) -> list[tuple[str, str]]:
    """Names and plain values, in the order of the message."""
    person = recipient.person
    subject = subject_text(tuple(merge.parse(letter.subject)), person.name, person.email)
    fields = [
        ("From", _phrase(letter.from_name, letter.from_address)),
        ("To", recipient.address),
        ("Subject", one_value(subject)),
        ("Date", date_text(int(recipient.date.timestamp()))),
        ("Message-ID", f"<{recipient.message_id}>"),
        ("Reply-To", letter.reply_to),
        ("List-Unsubscribe", ", ".join(_ways_out(recipient))),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", _phrase(letter.list_name, letter.list_id)),
        ("Feedback-ID", letter.feedback_id),
        ("Precedence", "bulk"),
        *((name, one_value(value)) for name, value in letter.extra_headers),
        *letter.carrier_headers,
        *_intended_trace(letter, recipient),
        ("MIME-Version", "1.0"),
    ]
    return [(name, value) for name, value in fields if value]


def _ways_out(recipient: Recipient) -> Iterator[str]:
    yield f"<{recipient.unsubscribe_url}>"
    if recipient.unsubscribe_mail:
        yield f"<mailto:{recipient.unsubscribe_mail}>"


def _intended_trace(letter: Letter, recipient: Recipient) -> Iterator[tuple[str, str]]:
    if letter.trace:
        name, before, after = letter.trace
        yield name, f"{before}{recipient.message_id.split('@')[0].replace('.', '-')}{after}"


def intended_body(letter: Letter, recipient: Recipient, context: Context) -> str:
    """One part of the message, line feeds for line breaks."""
    source = letter.html if context == "html" else letter.text
    return "".join(
        piece
        if isinstance(piece, str)
        else in_context(piece, slot_text(piece, recipient, tracked=letter.tracked), context)
        for piece in slots.split(source.replace("\r\n", "\n"))
    )


def _phrase(phrase: str, bracketed: str) -> str:
    return f"{one_value(phrase)}|{bracketed}"


def _read(name: str, value: str) -> str:
    value = unfolded(value)
    if name in _PHRASES:
        # By hand: parseaddr grows stricter from one Python to the next.
        phrase, _, bracketed = value.rpartition("<")
        return f"{decoded(unquoted(phrase.strip()))}|{bracketed.removesuffix('>')}"
    return decoded(value)


def unfolded(value: str) -> str:
    """A raw value on one line. An address in it may be in UTF-8 (RFC 6532), which the parser keeps as lone surrogates."""
    return "".join(value.splitlines()).encode("ascii", "surrogateescape").decode()


def unquoted(phrase: str) -> str:
    """What a quoted string stands for; anything else as it is."""
    return re.sub(r"\\(.)", r"\1", phrase[1:-1]) if phrase.startswith('"') else phrase


def decoded(value: str) -> str:
    """A value with its encoded words (RFC 2047) read."""
    return str(make_header(decode_header(value)))


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def wire_faults(built: bytes) -> Iterator[str]:
    """What no server would carry unaltered (RFC 5321, 4.5.3.1.6 and 2.3.8; RFC 2045, 6.7), in words."""
    breaks = built.count(b"\r\n")
    if b"\0" in built or {built.count(b"\r"), built.count(b"\n")} != {breaks}:
        yield "it holds a bare line break or a NUL"
    lines = built.split(b"\r\n")
    if max(map(len, lines)) > 998:
        yield "one of its lines is too long"
    if len(built.partition(b"\r\n\r\n")[2]) > LARGEST_BODY:
        yield f"its text is larger than {LARGEST_BODY:,} bytes"
    if any(line.startswith(b".") for line in lines):
        yield "one of its lines begins with a dot"
