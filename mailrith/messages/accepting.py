"""Composed messages become rows, in one transaction: nothing of a call is sent unless all of it is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses, queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.ids import uuid7
from mailrith.delivery.models import Delivery, Run, RunPhase
from mailrith.delivery.runs import launching, routes
from mailrith.delivery.sending import message_ids
from mailrith.messages.composing import message_id_field
from mailrith.messages.drafts import Draft, Mailbox
from mailrith.messages.models import (
    GIVE_UP_AFTER,
    SOURCE,
    Message,
    MessageContent,
    MessageRecipient,
)
from mailrith.subscribers.models import Subscriber


@dataclass(frozen=True, slots=True)
class Composed:
    """A message that is ready but for its Message-ID."""

    draft: Draft
    connection_id: int
    sender: Mailbox
    content: bytes = field(repr=False)


def accept(
    workspace: Workspace, composed: Sequence[Composed], *, stop_on_error: bool
) -> list[Message]:
    """Write them down, and have them sent after the commit. The caller commits."""
    call_id = uuid7()
    accepted = [_write(workspace, one, call_id, stop_on_error=stop_on_error) for one in composed]
    first = accepted[:1] if stop_on_error else accepted  # the others come when it is their turn
    # For one message somebody may be waiting; many take turns with broadcasts.
    lane = queue.WORK if len(composed) == 1 else queue.MAIL
    for message, one in zip(first, composed, strict=False):
        queue.enqueue(launching.SLICE_JOB, message.run_id, one.connection_id, queue=lane)
    return accepted


def _write(workspace: Workspace, one: Composed, call_id: UUID, *, stop_on_error: bool) -> Message:
    run = _run(workspace, one)
    deliveries = _deliveries(workspace, one, run)
    # One message has one id, whoever gets it; each copy leads back to its delivery by the mark of its own.
    domain = addresses.domain_of(one.sender.email)
    message_id = message_ids.make(run.public_id, deliveries[0].id, domain)
    content = message_id_field(message_id) + one.content
    message = Message(
        workspace_id=workspace.id,
        run_id=run.id,
        call_id=call_id,
        stop_on_error=stop_on_error,
        from_email=one.sender.email,
        from_name=one.sender.name,
        subject=one.draft.subject,
        priority=one.draft.priority,
        message_id=message_id,
        size_bytes=len(content),
    )
    db.session.add(message)
    db.session.flush()
    db.session.add(MessageContent.of(message, content))
    roles = (role for role, _, _ in one.draft.recipients())
    db.session.add_all(
        MessageRecipient(delivery_id=delivery.id, message_id=message.id, role=role)
        for delivery, role in zip(deliveries, roles, strict=True)
    )
    db.session.flush()
    return message


def _run(workspace: Workspace, one: Composed) -> Run:
    """A run that is under way at once: its audience is known."""
    moment = now()
    run = Run(
        workspace_id=workspace.id,
        source=SOURCE,
        connection_id=one.connection_id,
        letter={"subject": one.draft.subject},
        audience={},
        left_out={},
        phase=RunPhase.SENDING,
        frozen_count=len(one.draft.recipients()),
        not_before=moment,
        created_at=moment,
        frozen_at=moment,
        started_at=moment,
        retry_until=moment + GIVE_UP_AFTER,
    )
    db.session.add(run)
    db.session.flush()
    routes.lay(run, {one.connection_id: 1})
    return run


def _deliveries(workspace: Workspace, one: Composed, run: Run) -> list[Delivery]:
    """One for each recipient, in the order of the header; their ids rise with it."""
    mailboxes = [mailbox.email for _, _, mailbox in one.draft.recipients()]
    prints = [addresses.fingerprint(workspace.address_salt, email) for email in mailboxes]
    known = _people(workspace.id, prints)
    made = []
    for email, fingerprint in zip(mailboxes, prints, strict=True):
        delivery = Delivery(
            workspace_id=workspace.id,
            run_id=run.id,
            subscriber_id=known.get(fingerprint),
            email=email,
            fingerprint=fingerprint,
            connection_id=one.connection_id,
        )
        db.session.add(delivery)
        db.session.flush()
        made.append(delivery)
    return made


def _people(workspace_id: int, prints: Sequence[bytes]) -> dict[bytes, int]:
    """Who of them is a subscriber: what becomes of the message stands on that person's page."""
    rows = db.session.execute(
        select(Subscriber.fingerprint, Subscriber.id).where(
            Subscriber.workspace_id == workspace_id, Subscriber.fingerprint.in_(prints)
        )
    )
    return {bytes(fingerprint): id_ for fingerprint, id_ in rows}
