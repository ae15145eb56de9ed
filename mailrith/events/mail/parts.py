"""A raw mail taken apart, whatever its state: headers, texts by type, and the mail that it returns."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from html import unescape

MAX_BYTES = (
    2_000_000  # a bounce with a longer body returns the whole letter, and says what it says before
)
MAX_PARTS = 60
MAX_DEPTH = 10

_TAGS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)[^>]*>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:style|script|head)\b.*?</(?:style|script|head)>|<!--.*?-->"
    r"|</?(?!\S+@)[a-z!][^<>]{0,500}>",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED = b"\x1b$B"
_OLD_JAPANESE = re.compile(
    rb"(?:\xa4[\xa1-\xf3]){3}"
)  # three hiragana in EUC-JP, often sent without a charset
_FIELDS = {
    "message/delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
}
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
        return plain(self.head.get(name))

    def texts(self, *types: str) -> list[str]:
        """Texts of the parts of these types."""
        return [part.text for part in self.parts if part.type in types]

    @property
    def prose(self) -> str:
        """What is written for people: plain text, or HTML without its tags."""
        found = self.texts("text/plain", "text/unknown") or [
            stripped(text) for text in self.texts("text/html")
        ]
        return "\n".join(found)


def take_apart(raw: bytes) -> Mail:
    """Read a mail. Never raises for what a mail contains."""
    message = message_from_bytes(raw[:MAX_BYTES])
    parts: list[Part] = []
    original: list[str] = []
    _collect(message, parts, original)
    return Mail(message, parts, "\n".join(original))


def plain(value: object) -> str:
    """A header's value decoded and on one line."""
    if value is None:
        return ""
    text = str(value)
    with suppress(HeaderParseError, UnicodeError, LookupError, ValueError):
        text = str(make_header(decode_header(text)))
    return " ".join(text.split())


def stripped(html: str) -> str:
    """HTML as text, with line ends where blocks end."""
    return unescape(_MARKUP.sub(" ", _TAGS.sub("\n", html)))


def _collect(message: Message, parts: list[Part], original: list[str], depth: int = 0) -> None:
    if len(parts) >= MAX_PARTS or depth > MAX_DEPTH:
        return
    payload = message.get_payload()
    kind = message.get_content_type().lower()
    if kind in _RETURNED:
        original.append(_returned(message))
    elif isinstance(payload, list) and kind not in _FIELDS:
        for part in [part for part in payload if isinstance(part, Message)]:
            _collect(part, parts, original, depth + 1)
    else:
        parts.extend(_leaf(message, kind))


def _leaf(message: Message, kind: str) -> list[Part]:
    if kind in _FIELDS:
        return [Part(kind, _fields(message))]
    if kind.startswith("multipart/"):  # its boundary is missing
        return [Part("text/plain", _text(message))]
    if kind.startswith("text/"):
        return [Part(kind, _text(message))]
    return [Part("text/unknown", _text(message))] if kind == "application/octet-stream" else []


def _returned(message: Message) -> str:
    payload = message.get_payload()
    if isinstance(payload, list):
        return "\n".join(_head(part) for part in payload if isinstance(part, Message))
    return _text(message)


def _head(message: Message) -> str:
    return "".join(f"{name}: {value}\n" for name, value in message.items())


def _fields(message: Message) -> str:
    payload = message.get_payload()
    if isinstance(payload, list):
        groups = [
            _japanese(_head(part)) or _text(part) for part in payload if isinstance(part, Message)
        ]
        return "\n".join(groups)
    return _text(message)


def _text(message: Message) -> str:
    payload = message.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(message.get_payload() or "")
    charset = message.get_content_charset() or "utf-8"
    if _ESCAPED in payload:  # ISO-2022-JP, whatever the label says
        charset = "iso-2022-jp"
    for candidate in (charset, "utf-8", "euc-jp" if _OLD_JAPANESE.search(payload) else "utf-8"):
        try:
            return payload.decode(candidate)
        except (LookupError, UnicodeError):
            continue
    return payload.decode("latin-1")


def _japanese(text: str) -> str:
    """A field in ISO-2022-JP, which some servers write raw."""
    if "\x1b$B" not in text:
        return text
    return text.encode("latin-1", "replace").decode("iso-2022-jp", "replace")
