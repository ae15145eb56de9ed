"""All that a slice needs to know, read once and frozen: the loop never touches a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mailrith.connections import actions as connections
from mailrith.connections.models import Connection
from mailrith.content.compiled import CompiledMessage
from mailrith.content.letter import Recipient
from mailrith.content.merge import Person
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import MailrithError
from mailrith.delivery import letters, message_ids
from mailrith.delivery.entries import Marked
from mailrith.delivery.models import Pause, Run, RunPhase
from mailrith.smtp.server import Server
from mailrith.subscribers.links import unsubscribe_url

_CAUSES = {
    "public_url": Pause.PUBLIC_URL,
    "deleted": Pause.CONNECTION_GONE,
}  # of connections.sendable


@dataclass(frozen=True)
class Order:
    """One run, as its slices send it. Limits are those at the beginning; a slice follows later changes by itself."""

    run_id: int
    run_public_id: UUID
    workspace_id: int
    connection_id: int
    credentials: str
    server: Server
    letter: CompiledMessage
    envelope_sender: str
    domain: str  # of Message-IDs
    give_up_at: datetime
    max_sessions: int
    per_second: int | None
    per_day: int | None

    def message(self, marked: Marked) -> bytes:
        """The bytes for one recipient, ready for the wire. Raises Invalid for an address that no header can hold."""
        claimed = marked.claimed
        return self.letter.build(
            Recipient(
                address=claimed.email,
                person=Person(marked.name, claimed.email),
                message_id=message_ids.make(self.run_public_id, claimed.id, self.domain),
                unsubscribe_url=unsubscribe_url(
                    self.workspace_id, claimed.subscriber_id or 0, claimed.fingerprint, claimed.id
                ),
                date=now(),
            )
        )


@dataclass(frozen=True)
class Refusal:
    """Why the run cannot be sent now."""

    cause: Pause
    words: str = ""


def load(run_id: int) -> Order | Refusal | None:
    """What to send and how, or why not; None when the run is not being sent. Ends the transaction."""
    run = db.session.get(Run, run_id)
    if run is None or run.phase != RunPhase.SENDING:
        db.session.rollback()
        return None
    connection = db.session.get_one(Connection, run.connection_id)
    try:
        return _refusal(connection) or _order(run, connection)
    finally:
        db.session.rollback()  # nothing waits for the network inside a transaction


def _refusal(connection: Connection) -> Refusal | None:
    problem = connections.sendable(connection)
    if problem is not None:
        return Refusal(_CAUSES.get(problem.code, Pause.CONNECTION_OFF), problem.sentence)
    return None


def _order(run: Run, connection: Connection) -> Order | Refusal:
    letter = letters.FrozenLetter.from_json(run.letter)
    try:
        server = connections.server_for(connection)
    except MailrithError as error:
        return Refusal(Pause.CREDENTIALS, error.message)
    try:
        compiled = letters.compiled(run, letter)
    except MailrithError as error:
        return Refusal(Pause.LETTER, error.message)
    return Order(
        run_id=run.id,
        run_public_id=run.public_id,
        workspace_id=run.workspace_id,
        connection_id=connection.id,
        credentials=connection.credential_fingerprint,
        server=server,
        letter=compiled,
        envelope_sender=letter.envelope_sender,
        domain=letter.domain,
        give_up_at=run.retry_until or now() + timedelta(hours=48),
        max_sessions=connection.max_sessions,
        per_second=connection.per_second,
        per_day=connection.per_day,
    )
