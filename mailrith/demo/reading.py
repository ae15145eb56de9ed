"""What a stored message shows: its parts as a mail program would choose them, and what kind of mail it is."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import lru_cache
from html import unescape

from mailrith.demo.mailbox import Letter

SNIPPET = 120  # characters
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u034f\u00ad"), None)


@dataclass(frozen=True)
class Parts:
    """The message taken apart. `html` and `text` are empty when it has no such part."""

    from_name: str
    from_email: str
    html: str
    text: str
    headers: str
    source: str
    kind: str
    one_click: str  # the address for an RFC 8058 POST, or empty


def head_of(raw: bytes) -> tuple[str, str]:
    """The From and Subject of a message, decoded. Only its head is read, because thousands arrive."""
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(raw.partition(b"\r\n\r\n")[0])
    return _decoded(head["From"]), _decoded(head["Subject"])


@lru_cache(maxsize=256)
def parts_of(letter: Letter) -> Parts:
    """Take a message apart."""
    message = message_from_bytes(letter.raw, policy=policy.default)
    name, email = parseaddr(letter.sender)
    head, _, _ = letter.raw.partition(b"\r\n\r\n")
    return Parts(
        from_name=name,
        from_email=email,
        html=_body(message, "html"),
        text=_body(message, "plain"),
        headers=head.decode("utf-8", "replace").replace("\r\n", "\n"),
        source=letter.raw.decode("utf-8", "replace").replace("\r\n", "\n"),
        kind=_kind(message, letter.subject),
        one_click=_one_click(message),
    )


def snippet_of(letter: Letter) -> str:
    """The first words of the text, as a list of mails shows them."""
    text = parts_of(letter).text or unescape(letter.subject)
    return " ".join(text[:1000].translate(_INVISIBLE).split())[:SNIPPET]


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _kind(message: EmailMessage, subject: str) -> str:
    if subject.lower().startswith("[test]"):
        return "Test"
    if message["List-Unsubscribe"]:
        return "Broadcast"
    return "Account" if message["Auto-Submitted"] else ""


def _one_click(message: EmailMessage) -> str:
    if "One-Click" not in str(message["List-Unsubscribe-Post"] or ""):
        return ""
    named = [part.strip(" <>") for part in str(message["List-Unsubscribe"] or "").split(",")]
    return next((link for link in named if link.startswith(("https://", "http://"))), "")


def _decoded(value: str | None) -> str:
    try:
        return str(make_header(decode_header(value or ""))).strip()
    except (LookupError, UnicodeError, ValueError):
        return str(value)
