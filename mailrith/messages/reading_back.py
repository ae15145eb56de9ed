"""Reading composed bytes back with the standard library, and comparing them with what was meant.

The two sides share as little as they can: what is meant is put together here without the encoding that made the bytes.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message
from email.utils import collapse_rfc2231_value

from mailrith.content.characters import one_value
from mailrith.content.filling import date_text
from mailrith.content.limits import MOST_HEADERS
from mailrith.content.reading_back import decoded, unfolded, unquoted, wire_faults
from mailrith.messages.composing import File, Letter, priority_fields
from mailrith.messages.drafts import Mailbox

_LISTS = frozenset({"From", "To", "Cc", "Reply-To"})
# "Ada, of course" <ada@x>, =?utf-8?q?Zo=C3=AB?= <zoe@x>, or an address alone: phrase, address in brackets, bare address.
_MAILBOX = re.compile(r'("(?:\\.|[^"\\])*"|[^"<>,@]*?)\s*<([^<>]+)>|([^\s<>,"]+@[^\s<>,"]+)')


def differences(letter: Letter, message_id: str, built: bytes) -> Iterator[str]:
    """What is not as it was meant, in words; nothing when all is well."""
    yield from wire_faults(built)
    message = message_from_bytes(built, policy=policy.compat32)
    meant = list(_intended(letter, message_id))
    found = [(name, _read(name, value)) for name, value in message.raw_items()]
    found = [(name, value) for name, value in found if not name.startswith("Content-")]
    if [name for name, _ in found] != [name for name, _ in meant]:
        yield f"its header fields are {', '.join(name for name, _ in found)}"
    for (name, wanted), (_, value) in zip(meant, found, strict=False):
        if value != wanted:
            yield f"{name} reads “{value[:80]}”"
    if len(found) > MOST_HEADERS:
        yield f"it has {len(found)} header fields"
    leaves = [part for part in message.walk() if not part.is_multipart()]
    yield from _differing_parts(letter, leaves)


def _intended(letter: Letter, message_id: str) -> Iterator[tuple[str, str]]:
    """Names and plain values, in the order of the message."""
    draft = letter.draft
    yield "Message-ID", f"<{message_id}>"
    yield "From", _mailboxes(letter.sender)
    yield "To", _mailboxes(*draft.to)
    if draft.cc:
        yield "Cc", _mailboxes(*draft.cc)
    yield "Subject", one_value(draft.subject)
    yield "Date", date_text(int(letter.date.timestamp()))
    if draft.reply_to:
        yield "Reply-To", _mailboxes(*draft.reply_to)
    yield from priority_fields(draft.priority)
    yield "Auto-Submitted", "auto-generated"
    for name, value in draft.headers:
        yield name, one_value(value)
    yield "MIME-Version", "1.0"


def _mailboxes(*mailboxes: Mailbox) -> str:
    return "; ".join(f"{one_value(one.name)}|{one.email}" for one in mailboxes)


def _read(name: str, value: str) -> str:
    value = unfolded(value)
    if name not in _LISTS:
        return decoded(value)
    # By hand: parseaddr grows stricter from one Python to the next.
    found = _MAILBOX.findall(value)
    return "; ".join(
        f"{decoded(unquoted(phrase.strip()))}|{bracketed or bare}"
        for phrase, bracketed, bare in found
    )


def _differing_parts(letter: Letter, leaves: list[Message]) -> Iterator[str]:
    texts = (
        [("text", letter.text), ("html", letter.html)] if letter.html else [("text", letter.text)]
    )
    if len(leaves) != len(texts) + len(letter.files):
        yield f"it has {len(leaves)} parts"
        return
    for (kind, meant), part in zip(texts, leaves, strict=False):
        if _bytes(part).decode().replace("\r\n", "\n") != meant:
            yield f"its {kind} part is not what was written"
    files = [*letter.shown, *letter.attached]
    for file, part in zip(files, leaves[len(texts) :], strict=True):
        if not _is(file, part):
            yield f"its attachment {file.name} is not what was given"


def _is(file: File, part: Message) -> bool:
    name = collapse_rfc2231_value(part.get_param("filename", "", "Content-Disposition") or "")
    return (_bytes(part), name, part.get_content_type(), part["Content-ID"]) == (
        file.content,
        file.name,
        file.content_type.lower(),
        f"<{file.content_id}>" if file.content_id else None,
    )


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload
