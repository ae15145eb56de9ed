"""One test mail through a connection, and what became of it.

`send` talks to the network, so no transaction may be open then: commit what `prepare` counted first, and `record` afterwards.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import make_msgid

from mailrith.accounts.models import User
from mailrith.connections import assigning, queries, trail, trial_mail
from mailrith.connections.credentials import server_for
from mailrith.connections.form.sending_rules import sender_of
from mailrith.connections.mailbox import queries as mailboxes
from mailrith.connections.models import Connection, ConnectionTrial
from mailrith.connections.standing import pausing
from mailrith.core.addresses import Address, domain_of, parse_address
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, TooMany
from mailrith.smtp.causes import Cause, cause
from mailrith.smtp.classification import classify
from mailrith.smtp.discretion import without_host
from mailrith.smtp.replies import MAX_WORDS
from mailrith.smtp.server import INTERACTIVE, Server
from mailrith.smtp.session import Outcome
from mailrith.smtp.submit import submit

# Enough to get a server going, too few to annoy anybody.
A_PERSON_AN_HOUR = 20
A_CONNECTION_AN_HOUR = 60
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Trial:
    """Everything that one test mail needs. `message` is complete and 7-bit; `id` is its row's."""

    id: int
    server: Server
    sender: str
    recipient: str
    message: bytes = field(repr=False)
    message_id: str


@dataclass(frozen=True)
class TrialResult:
    """What became of it. `words` are the server's; `cause_key` is one of smtp.causes, empty when it was accepted."""

    recipient: str
    message_id: str
    words: str
    duration_ms: int
    cause_key: str = ""

    @property
    def ok(self) -> bool:
        """Whether the server accepted it."""
        return not self.cause_key

    @property
    def cause(self) -> Cause | None:
        """Why not."""
        return cause(self.cause_key) if self.cause_key else None


def prepare(connection: Connection, recipient: str, user: User) -> Trial:
    """Check and count one test mail. Raises Invalid, Forbidden, Conflict, TooMany and CredentialsLost."""
    assigning.check_somewhere(connection, user)
    found = parse_address(recipient)
    if not isinstance(found, Address):
        raise Invalid(found.sentence, field="recipient")
    problem = sender_of(connection)
    if problem is not None:
        raise Conflict(problem.sentence)
    _check_count(connection, user)
    server = server_for(connection, timeouts=INTERACTIVE)
    message_id = make_msgid(domain=domain_of(connection.from_email))
    row = ConnectionTrial(
        connection_id=connection.id,
        user_id=user.id,
        recipient=found.text,
        message_id=message_id,
        proof={},
    )
    db.session.add(row)
    db.session.flush()
    trail.record(connection, "connection.tested", user)
    message = trial_mail.compose(connection, found.text, message_id)
    sender = mailboxes.envelope_of(connection)
    return Trial(row.id, server, sender, found.text, message, message_id)


def send(trial: Trial) -> TrialResult:
    """Send it. Call it outside of a transaction."""
    begun = time.monotonic()
    outcome = submit(trial.server, trial.sender, trial.recipient, trial.message)
    took = round((time.monotonic() - begun) * 1000)
    said = outcome.reply.words if outcome.reply else outcome.words
    words = without_host(said, trial.server.host)
    why = "" if outcome.kind == "sent" else _cause_key(outcome) or "refused"
    return TrialResult(trial.recipient, trial.message_id, words, took, why)


def record(trial: Trial, result: TrialResult) -> None:
    """Keep what became of it, beside the trial and, when it failed, as the connection's last error."""
    row = db.session.get(ConnectionTrial, trial.id)
    if row is None:  # the connection's account is gone
        return
    row.duration_ms = result.duration_ms
    row.words = result.words[:MAX_WORDS]
    row.cause = result.cause_key
    if not result.ok:
        connection = db.session.get_one(Connection, row.connection_id)
        pausing.note_error(connection, result.cause_key, result.words)


def latest(connection: Connection) -> ConnectionTrial | None:
    """The newest test mail, whatever became of it."""
    return next(iter(newest(connection, 1)), None)


def newest(connection: Connection, count: int = 5) -> list[ConnectionTrial]:
    """The last test mails, newest first. One without `duration_ms` is on its way, or was given up with its worker."""
    return queries.newest_trials(connection.id, count)


def _check_count(connection: Connection, user: User) -> None:
    queries.lock_for_trial(connection.id, user.id)  # two at once would count alike
    since = now() - HOUR
    if queries.trials_of_person(user.id, since) >= A_PERSON_AN_HOUR:
        said = f"You have sent {A_PERSON_AN_HOUR} test mails within an hour."
    elif queries.trials_of_connection(connection.id, since) >= A_CONNECTION_AN_HOUR:
        said = (
            f"{A_CONNECTION_AN_HOUR} test mails have left through {connection.name} within an hour."
        )
    else:
        return
    raise TooMany(f"{said} Wait a little before the next one.", retry_after_seconds=600)


def _cause_key(outcome: Outcome) -> str:
    if outcome.cause or outcome.reply is None:
        return outcome.cause
    reply = outcome.reply
    return classify(outcome.stage, reply.code, reply.enhanced, reply.text).cause
