"""All that a slice needs to know, read once and frozen: the loop never touches a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mailrith.connections import actions as connections
from mailrith.connections import presets
from mailrith.connections.mailbox import queries as mailboxes
from mailrith.connections.models import Connection
from mailrith.content.compiled import CompiledMessage
from mailrith.content.letter import Recipient
from mailrith.content.merge import Person
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import MailrithError
from mailrith.delivery.ledger.entries import Marked
from mailrith.delivery.models import Pause, Run, RunPhase
from mailrith.delivery.pacing.limits import Limits, limits_of
from mailrith.delivery.runs import rerouting
from mailrith.delivery.sending import letters, message_ids, return_addresses
from mailrith.smtp.server import Server
from mailrith.subscribers.links import unsubscribe_url


@dataclass(frozen=True)
class Order:
    """One connection's part of a run, as its slices send it. Limits are those at the beginning; a slice follows later changes by itself."""

    run_id: int
    run_public_id: UUID
    workspace_id: int
    connection_id: int
    credentials: str
    server: Server
    letter: CompiledMessage
    envelope_sender: str  # From, or the address of the connection's bounce mailbox
    domain: str  # of Message-IDs
    give_up_at: datetime
    max_sessions: int
    limits: Limits
    returns: bool = (
        False  # whether that sender also takes mail with a message's mark in its address
    )
    own_sender: bool = True  # whether From is the connection's; a refused other one stops no others

    def message(self, marked: Marked) -> bytes:
        """The bytes for one recipient, ready for the wire. Raises Invalid for an address that no header can hold."""
        claimed = marked.claimed
        message_id = self._message_id(marked)
        return self.letter.build(
            Recipient(
                address=claimed.email,
                person=Person(marked.name, claimed.email),
                message_id=message_id,
                unsubscribe_url=unsubscribe_url(
                    self.workspace_id, claimed.subscriber_id or 0, claimed.fingerprint, claimed.id
                ),
                date=now(),
                unsubscribe_mail=return_addresses.leaving(self.envelope_sender, message_id)
                if self.returns
                else "",
            )
        )

    def sender(self, marked: Marked) -> str:
        """The sender on the envelope of one recipient's message: what comes back names the message where it can."""
        if not self.returns:
            return self.envelope_sender
        return return_addresses.envelope(self.envelope_sender, self._message_id(marked))

    def _message_id(self, marked: Marked) -> str:
        return message_ids.make(self.run_public_id, marked.claimed.id, self.domain)


@dataclass(frozen=True)
class Refusal:
    """Why the connection cannot carry the run now: a Pause or a key of smtp.causes, with words of ours or the server's."""

    connection_id: int
    cause: str
    words: str = ""


def load(run_id: int, connection_id: int | None = None) -> Order | Refusal | None:
    """What to send through the connection, or the run's first, and how, or why not. Ends the transaction.

    None when the run is not being sent.
    """
    run = db.session.get(Run, run_id)
    if run is None or run.phase != RunPhase.SENDING:
        db.session.rollback()
        return None
    connection = db.session.get_one(Connection, connection_id or run.connection_id)
    try:
        stopped = rerouting.stoppage(run.workspace_id, connection)
        return Refusal(connection.id, *stopped) if stopped else _order(run, connection)
    finally:
        db.session.rollback()  # nothing waits for the network inside a transaction


def order_of(
    run: Run,
    connection: Connection,
    letter: CompiledMessage,
    *,
    envelope_sender: str,
    domain: str,
    give_up_at: datetime,
    own_sender: bool = True,
) -> Order:
    """The run's letter through this connection. `envelope_sender` gives way to the address of a bounce mailbox."""
    returning = mailboxes.of(connection.id)
    return Order(
        run_id=run.id,
        run_public_id=run.public_id,
        workspace_id=run.workspace_id,
        connection_id=connection.id,
        credentials=connection.credential_fingerprint,
        server=connections.server_for(connection, workspace_id=run.workspace_id),
        letter=letter,
        envelope_sender=returning.address if returning else envelope_sender,
        returns=returning is not None and returning.tagged,
        domain=domain,
        give_up_at=give_up_at,
        max_sessions=connection.max_sessions,
        limits=limits_of(connection),
        own_sender=own_sender,
    )


def _order(run: Run, connection: Connection) -> Order | Refusal:
    letter = letters.FrozenLetter.from_json(run.letter)
    try:
        compiled = letters.compiled(run, letter, presets.carried_by(connection))
    except MailrithError as error:
        return Refusal(connection.id, Pause.LETTER, error.message)
    return order_of(
        run,
        connection,
        compiled,
        envelope_sender=letter.envelope_sender,
        domain=letter.domain,
        give_up_at=run.retry_until or now() + timedelta(hours=48),
    )
