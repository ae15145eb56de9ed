"""One test mail through a connection, and what became of it.

`send` talks to the network, so no transaction may be open then: commit what `prepare` counted first.
"""

import quopri
from dataclasses import dataclass
from datetime import timedelta
from email.header import Header
from email.utils import format_datetime, formataddr, make_msgid

from mailrith.accounts import audit
from mailrith.accounts.models import User
from mailrith.connections import presets, queries
from mailrith.connections.credentials import server_for
from mailrith.connections.models import Connection
from mailrith.connections.sender_checks.proof import TRIAL_HEADER
from mailrith.core import config
from mailrith.core.addresses import Address, domain_of, parse_address
from mailrith.core.clock import now
from mailrith.core.errors import Invalid, TooMany
from mailrith.smtp.causes import Cause, cause
from mailrith.smtp.classification import classify
from mailrith.smtp.server import INTERACTIVE, Server
from mailrith.smtp.session import Outcome
from mailrith.smtp.submit import submit

TRIALS_AN_HOUR = 20  # for each person: enough to get a server going, too few to annoy anybody


@dataclass(frozen=True)
class Trial:
    """Everything that one test mail needs. `message` is complete and 7-bit."""

    server: Server
    sender: str
    recipient: str
    message: bytes
    message_id: str


@dataclass(frozen=True)
class TrialResult:
    """What became of it. `words` are the server's; `cause` is None when it was accepted."""

    recipient: str
    message_id: str
    words: str
    cause: Cause | None = None

    @property
    def ok(self) -> bool:
        """Whether the server accepted it."""
        return self.cause is None


def prepare(connection: Connection, recipient: str, user: User) -> Trial:
    """Check and count one test mail. Raises Invalid, TooMany and CredentialsLost."""
    found = parse_address(recipient)
    if not isinstance(found, Address):
        raise Invalid(found.sentence, field="recipient")
    if queries.trials_since(connection, user.id, now() - timedelta(hours=1)) >= TRIALS_AN_HOUR:
        raise TooMany(
            f"You have sent {TRIALS_AN_HOUR} test mails within an hour. Wait a little before the next one.",
            retry_after_seconds=600,
        )
    audit.record(
        account_id=connection.account_id,
        user_id=user.id,
        action="connection.tested",
        subject=connection.name,
        details={"connection": str(connection.public_id)},
    )
    message_id = make_msgid(domain=domain_of(connection.from_email))
    message = _message(connection, found.text, message_id)
    server = server_for(connection, timeouts=INTERACTIVE)
    return Trial(server, connection.from_email, found.text, message, message_id)


def send(trial: Trial) -> TrialResult:
    """Send it. Call it outside of a transaction."""
    outcome = submit(trial.server, trial.sender, trial.recipient, trial.message)
    words = outcome.reply.words if outcome.reply else outcome.words
    why = None if outcome.kind == "sent" else cause(_cause_key(outcome))
    return TrialResult(trial.recipient, trial.message_id, words, why)


def _cause_key(outcome: Outcome) -> str:
    if outcome.cause or outcome.reply is None:
        return outcome.cause
    reply = outcome.reply
    return classify(outcome.stage, reply.code, reply.enhanced, reply.text).cause


def _message(connection: Connection, recipient: str, message_id: str) -> bytes:
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
