"""The mail that a test sends: short, and with every header by which its receiver's copy proves something."""

import quopri
from email.header import Header
from email.utils import format_datetime, formataddr

from mailrith.connections import presets
from mailrith.connections.models import Connection
from mailrith.connections.sender_checks.proof import TRIAL_HEADER
from mailrith.core import config
from mailrith.core.clock import now


def compose(connection: Connection, recipient: str, message_id: str) -> bytes:
    """The whole message, 7-bit, with CRLF."""
    text = (
        f"This mail came through the delivery connection “{connection.name}”.\n\n"
        "If you can read it, the server accepts your mail and delivers it.\n"
        "Copy its full source into the connection's page in Mailrith, under Sender identity,\n"
        "to see whether SPF, DKIM and DMARC passed.\n"
    )
    # Written by hand: some releases of the standard library decode encoded words in a value and write
    # the line break inside them raw (CVE-2024-6923).
    head = (
        f"From: {_mailbox(connection)}",
        f"To: <{recipient}>",
        "Subject: It works: a test mail from Mailrith",
        f"Date: {format_datetime(now())}",
        f"Message-ID: {message_id}",
        f"{TRIAL_HEADER}: {message_id}",  # some services replace the Message-ID by their own
        # as in a broadcast, because what the server signs is part of the test; the page unsubscribes nobody
        f"List-Unsubscribe: <{config.current().public_url}/u/test>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
        # the stream, and the service's tracking off: a test that goes another way proves nothing
        *(f"{name}: {value}" for name, value in presets.carried_by(connection).fields("test")),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    )
    body = quopri.encodestring(text.encode()).replace(b"\n", b"\r\n")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _mailbox(connection: Connection) -> str:
    """The From field. Whatever is not plain text, or looks encoded, is encoded as a whole."""
    name = connection.from_name
    if not name:
        return f"<{connection.from_email}>"
    if name.isascii() and "=?" not in name:
        return formataddr((name, connection.from_email))
    encoded = Header(name, "utf-8", maxlinelen=70, header_name="From").encode(linesep="\r\n")
    return f"{encoded} <{connection.from_email}>"
