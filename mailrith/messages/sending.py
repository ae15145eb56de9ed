"""Sends the run of a message: the engine of `delivery`, with bytes and statements of its own. Commits."""

from functools import partial
from typing import Any
from uuid import UUID

from mailrith.connections import presets
from mailrith.connections.models import Connection
from mailrith.connections.presets import Carried
from mailrith.content import headers
from mailrith.content.compiled import CompiledMessage
from mailrith.content.filling import Fill, header_fills
from mailrith.content.letter import Letter
from mailrith.core.addresses import domain_of, key
from mailrith.core.db import db
from mailrith.core.secrets import Unreadable
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.models import Pause, Run, RunPhase
from mailrith.delivery.runs import rerouting
from mailrith.delivery.sending import slices
from mailrith.delivery.sending.order import Order, Refusal, order_of
from mailrith.delivery.sending.slice import Ended
from mailrith.messages import queries, statements, turns
from mailrith.messages.models import Message, MessageContent

LOST = "Its text cannot be read any more: the key that sealed it is gone. Send it again."


class MessageLedger(Ledger):
    """The ledger with the statements of single messages. `call_id` names a call whose recipients take turns."""

    def __init__(self, *args: Any, call_id: UUID | None, **named: Any) -> None:
        super().__init__(*args, **named)
        self._sql = statements.of(db.engine.dialect.name, call_id)


def work(run_id: int, connection_id: int | None = None) -> Ended | None:
    """Send what the connection carries of a message. None when there was nothing to begin with."""
    found, call_id = _load(run_id, connection_id)
    ended = slices.carry(run_id, found, partial(MessageLedger, call_id=call_id))
    if call_id is not None and ended in {Ended.EMPTY, None}:
        turns.go_on(call_id)
        db.session.commit()
    return ended


def _load(run_id: int, connection_id: int | None) -> tuple[Order | Refusal | None, UUID | None]:
    """What to send and how, or why not, and the call whose recipients take turns, if they do. Ends the transaction."""
    try:
        found = queries.with_run(run_id)
        if found is None:
            return None, None
        run, message = found
        call_id = message.call_id if message.stop_on_error else None
        return _carried(run, message, connection_id or run.connection_id), call_id
    finally:
        db.session.rollback()  # nothing waits for the network inside a transaction


def _carried(run: Run, message: Message, connection_id: int) -> Order | Refusal | None:
    if run.phase != RunPhase.SENDING:
        return None
    connection = db.session.get_one(Connection, connection_id)
    stopped = rerouting.stoppage(run.workspace_id, connection)
    return Refusal(connection.id, *stopped) if stopped else _order(run, message, connection)


def _order(run: Run, message: Message, connection: Connection) -> Order | Refusal:
    content = db.session.get(MessageContent, message.id)
    try:
        written = content.opened() if content else b""
    except Unreadable:
        written = b""
    if not written:
        return Refusal(connection.id, Pause.LETTER, LOST)
    return order_of(
        run,
        connection,
        _spliced(message, written, presets.carried_by(connection)),
        # Not From, which may be another address of the domain: servers know whose sign-in it is by this one.
        envelope_sender=connection.from_email,
        domain=domain_of(message.from_email),
        give_up_at=message.give_up_at,
        own_sender=key(message.from_email) == key(connection.from_email),
    )


def _spliced(message: Message, written: bytes, carried: Carried) -> CompiledMessage:
    """The message with what its carrier wants in front: it is known only now, and the mark differs from copy to copy."""
    letter = Letter(
        from_name=message.from_name,
        from_address=message.from_email,
        subject="",
        html="",
        text="",
        list_id="",
        carrier_headers=carried.headers,
        trace=carried.trace,
    )
    parts: list[bytes | Fill] = [headers.structured_field(*one) for one in carried.headers]
    if carried.trace:
        parts.append(header_fills(letter)[carried.trace[0]])
    return CompiledMessage(letter, [*parts, written])
