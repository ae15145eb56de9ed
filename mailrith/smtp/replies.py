"""What a server said: the code, the enhanced status and the words, made safe to show."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

MAX_WORDS = 1024  # a server may talk longer; nobody reads it
MAX_REPLY_BYTES = 32 * 1024  # generous over any real EHLO; bounds what a hostile server costs
MAX_LINE_BYTES = 8 * 1024

_SHORT_LINE_BYTES = 512  # RFC 5321, 4.5.3.1.5
_REMEMBERED = 256  # lines; of those that agree word by word, which MAIL and RCPT nearly always get
_AFTER_CODE = frozenset({b" ", b"-", b"\r", b""})
# ECMA-48: control sequences (colours, cursor), strings (window titles) up to their end, and two-character escapes
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,256}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463, section 2


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `text` has the lines without their codes, joined by blanks, printable, at most 1 KB."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """The enhanced status code ("5.1.1"), or an empty string."""
        found = _ENHANCED.match(self.text)
        return found[0] if found else ""

    @property
    def words(self) -> str:
        """The reply as the server said it."""
        return f"{self.code} {self.text}".rstrip()


class Unreadable(Exception):
    """These bytes are not an SMTP reply."""


def clean_words(text: str) -> str:
    """`text` without control characters and ANSI sequences, on one line, at most 1 KB."""
    if not text.isprintable():
        text = _ANSI.sub("", text[: 8 * MAX_WORDS])
        text = "".join(c if c.isprintable() else " " for c in text)
        text = " ".join(text.split())
    return text[:MAX_WORDS]


def take_reply(buffer: bytearray) -> Reply | None:
    """Cut the first complete reply off `buffer`; None while it is not complete. Raises Unreadable."""
    lines: list[str] = []
    offset = 0
    while True:
        end = buffer.find(b"\n", offset)
        if end < 0:
            # An endless banner must not fill the memory.
            if len(buffer) > MAX_REPLY_BYTES or len(buffer) - offset > MAX_LINE_BYTES:
                raise Unreadable("the reply is too long")
            return None
        line = bytes(buffer[offset:end])
        offset = end + 1
        formed = line[:3].isdigit() and line[3:4] in _AFTER_CODE and len(line) <= MAX_LINE_BYTES
        if not formed or offset > MAX_REPLY_BYTES:
            raise Unreadable(clean_words(line[:200].decode("utf-8", "replace")))
        lines.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] != b"-":
            break
    del buffer[:offset]
    return Reply(int(line[:3]), clean_words(_join(lines)))


def read_replies(data: bytes) -> list[Reply] | None:
    """The replies in `data` if it is nothing but whole ones of a line each, as nearly always; else None. The short way."""
    lines = data.split(b"\r\n")
    if lines.pop():
        return None
    replies = [_of_one_line(line) for line in lines]
    return None if None in replies else cast("list[Reply]", replies)


@lru_cache(_REMEMBERED)
def _of_one_line(line: bytes) -> Reply | None:
    formed = line[:3].isdigit() and line[3:4] in (b" ", b"") and len(line) <= _SHORT_LINE_BYTES
    if not formed or b"\n" in line or b"\r" in line:
        return None
    return Reply(int(line[:3]), clean_words(line[4:].decode("utf-8", "replace").strip()))


def _join(lines: list[str]) -> str:
    """Join the lines of a reply; a status repeated on every line is told once."""
    if len(lines) == 1:
        return lines[0]
    first = _ENHANCED.match(lines[0])
    if first is not None:
        lines = [lines[0], *(line.removeprefix(first[0]).strip() for line in lines[1:])]
    return " ".join(lines)
