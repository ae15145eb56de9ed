"""A raw mail taken apart, whatever its state: headers, texts by type, and the mail that it returns."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from functools import cached_property
from html import unescape

MAX_BYTES = (
    1_000_000  # a bounce with a longer body returns the whole letter, and says what it says before
)
LONGEST_TEXT = 200_000  # bytes of a part; servers write what happened at its beginning
LONGEST_PROSE = 100_000  # characters
LONGEST_HEADER = 10_000  # characters
MAX_PARTS = 60
MAX_DEPTH = 10
MAX_NESTING = (
    60  # places where parts could begin: each line is compared with every boundary around it
)

_TAGS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?(?![^\s<>]{1,320}@)[a-z!][^<>]{0,500}>", re.IGNORECASE)
_UNSEEN = ("style", "script", "head")
_ESCAPED = b"\x1b$B"
_OLD_JAPANESE = re.compile(
    rb"(?:\xa4[\xa1-\xf3]){3}"
)  # three hiragana in EUC-JP, often sent without a charset
_NESTING = re.compile(
    rb"boundary[^=\r\n]{0,20}=|^content-type[ \t]*:\s*message/", re.MULTILINE
)  # lower case
_LONGEST_LETTER = 8  # bytes
_NOT_OF_MAIL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
RECEIPT = "message/disposition-notification"  # RFC 8098
_FIELDS = {"message/delivery-status", "message/feedback-report", RECEIPT}
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/partial", "message/rfc822-headers"}


@dataclass(frozen=True)
class Part:
    """One leaf. `text` is decoded; for message/delivery-status and feedback reports it is the raw fields."""

    type: str
    text: str


@dataclass(frozen=True)
class Mail:
    """What a bounce consists of. `original` are the headers of the returned mail, as far as they are there."""

    head: Message
    parts: list[Part] = field(default_factory=list)
    original: str = ""

    def header(self, name: str) -> str:
        """A header in plain text, unfolded; empty if it is missing or unreadable."""
        return plain(self._headers.get(name.lower()))

    @cached_property
    def _headers(self) -> dict[str, object]:
        """The first of each name; `Message.get` would go through all of them for every question."""
        return {name.lower(): value for name, value in reversed(self.head.items())}

    def texts(self, *types: str) -> list[str]:
        """Texts of the parts of these types."""
        return [part.text for part in self.parts if part.type in types]

    @cached_property
    def prose(self) -> str:
        """What is written for people: plain text, or HTML without its tags."""
        found = self.texts("text/plain", "text/unknown") or [
            stripped(text) for text in self.texts("text/html")
        ]
        return "\n".join(found)[:LONGEST_PROSE]


def take_apart(raw: bytes) -> Mail:
    """Read a mail. Never raises for what a mail contains."""
    message = _parsed(raw[:MAX_BYTES])
    parts: list[Part] = []
    original: list[str] = []
    _collect(message, parts, original)
    return Mail(message, parts, "\n".join(original))


def _parsed(raw: bytes) -> Message:
    """The mail with its parts; one that is built to be slow or deep only with its headers, and all else as one text."""
    if b"\n" not in raw:  # lines of an old Macintosh
        raw = raw.replace(b"\r", b"\n")
    folded = raw.lower()
    signs = folded.count(b"boundary") + folded.count(b"message/")  # at least as many, and fast
    headers_only = signs > MAX_NESTING and len(_NESTING.findall(folded)) > MAX_NESTING
    return BytesParser().parsebytes(raw, headersonly=headers_only)


def plain(value: object) -> str:
    """A header's value decoded and on one line."""
    if value is None:
        return ""
    text = str(value)[:LONGEST_HEADER]
    if "=?" not in text:  # RFC 2047
        return " ".join(text.split())
    with suppress(HeaderParseError, UnicodeError, LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(text.split())


def stripped(html: str) -> str:
    """HTML as text, with line ends where blocks end."""
    shown = _without(html, "<!--", "-->")
    for name in _UNSEEN:
        shown = _without(shown, f"<{name}", f"</{name}>")
    return unescape(_MARKUP.sub(" ", _TAGS.sub("\n", shown)))


def _without(html: str, opening: str, closing: str) -> str:
    """Without what stands between these. Searched by hand: a pattern would look for each end that is missing again."""
    folded, kept, at = html.lower(), [], 0
    while (start := folded.find(opening, at)) >= 0:
        end = folded.find(closing, start)
        if end < 0:
            break
        kept.append(html[at:start])
        at = end + len(closing)
    return " ".join([*kept, html[at:]])


def _collect(message: Message, parts: list[Part], original: list[str], depth: int = 0) -> None:
    if len(parts) >= MAX_PARTS or depth > MAX_DEPTH:
        return
    kind = message.get_content_type().lower()
    if kind in _RETURNED:
        original.append(_returned(message))
    elif message.is_multipart() and kind not in _FIELDS:
        for part in _children(message):
            _collect(part, parts, original, depth + 1)
    else:
        parts.extend(_leaf(message, kind))


def _children(message: Message) -> list[Message]:
    """The parts inside; never the payload as text, which Python decodes by whatever charset it names."""
    payload = message.get_payload() if message.is_multipart() else []
    return [part for part in payload if isinstance(part, Message)]


def _leaf(message: Message, kind: str) -> list[Part]:
    if kind in _FIELDS:
        return [Part(kind, _fields(message))]
    if kind.startswith("multipart/"):  # its boundary is missing
        return [Part("text/plain", _text(message))]
    if kind.startswith("text/"):
        return [Part(kind, _text(message))]
    return [Part("text/unknown", _text(message))] if kind == "application/octet-stream" else []


def _returned(message: Message) -> str:
    if message.is_multipart():
        return "\n".join(map(_head, _children(message)))[:LONGEST_TEXT]
    return _text(message)


def _head(message: Message) -> str:
    return "".join(f"{name}: {value}\n" for name, value in message.items())


def _fields(message: Message) -> str:
    if message.is_multipart():
        groups = [_japanese(_head(part)) or _text(part) for part in _children(message)]
        return "\n".join(groups)[:LONGEST_TEXT]
    return _text(message)


def _text(message: Message) -> str:
    """What it says, as far as it is read."""
    payload = b"" if message.is_multipart() else message.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    payload = payload[:LONGEST_TEXT]
    charset = message.get_content_charset() or "utf-8"
    if _ESCAPED in payload:  # ISO-2022-JP, whatever the label says
        charset = "iso-2022-jp"
    for candidate in (charset, "utf-8"):
        text = _decoded(payload, candidate)
        if text is not None:
            return text
    old = _decoded(payload, "euc-jp") if _OLD_JAPANESE.search(payload) else None
    return payload.decode("latin-1") if old is None else old


def _decoded(payload: bytes, charset: str) -> str | None:
    """None for what is no text in this charset, and for names that are none, or of codecs that are slow."""
    try:
        if codecs.lookup(charset).name in _NOT_OF_MAIL:
            return None
        return payload.decode(charset)
    except UnicodeDecodeError as error:
        cut = len(payload) == LONGEST_TEXT and error.start > LONGEST_TEXT - _LONGEST_LETTER
        return payload[: error.start].decode(charset) if cut else None
    except (LookupError, ValueError):
        return None


def _japanese(text: str) -> str:
    """A field in ISO-2022-JP, which some servers write raw."""
    if "\x1b$B" not in text:
        return text
    return text.encode("latin-1", "replace").decode("iso-2022-jp", "replace")
