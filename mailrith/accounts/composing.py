"""A system mail as bytes. Headers are encoded here: the standard library's new policies decode encoded words that a value
holds and write the line breaks inside them (CVE-2024-6923), so a workspace's name could add headers.
"""

from base64 import b64encode
from email import policy
from email.charset import QP, Charset
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, make_msgid, parseaddr

from mailrith.accounts.models import SystemMail
from mailrith.core import config
from mailrith.core.clock import now

WORD_BYTES = 42  # of text in one encoded word, so that the word stays under 75 characters (RFC 2047, section 2)

_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
_WIRE = policy.compat32.clone(linesep="\r\n", max_line_length=None)


def sender_address() -> str:
    """The address that system mail comes from, and that its bounces go to."""
    return parseaddr(config.current().system_from)[1]


def compose(mail: SystemMail) -> bytes:
    """The whole message: text and, if there is one, HTML."""
    message: Message = _part("plain", mail.body_text)
    if mail.body_html:
        message = MIMEMultipart("alternative")
        message.attach(_part("plain", mail.body_text))
        message.attach(_part("html", mail.body_html))
    name, address = parseaddr(config.current().system_from)
    message["From"] = f"{encoded(name)} <{address}>" if name else address
    message["To"] = mail.recipient
    message["Subject"] = encoded(mail.subject)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=config.current().public_host)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation answers
    return message.as_bytes(policy=_WIRE)


def encoded(value: str) -> str:
    """A header value that reads as `value`: as it is when plain, else in encoded words (RFC 2047)."""
    value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if (
        value.isascii()
        and "=?" not in value
        and len(value) <= 60
        and not set(value) & set('<>@,;:\\"()[]')
    ):
        return value
    words, run = [], b""
    for character in value:
        octets = character.encode()
        if len(run) + len(octets) > WORD_BYTES:
            words.append(run)
            run = b""
        run += octets
    words.append(run)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)


def _part(kind: str, body: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", kind)
    part.set_payload(body, _UTF8)
    return part
