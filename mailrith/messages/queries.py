"""Reads of single messages."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, Run
from mailrith.messages.models import Message, MessageRecipient, Role


def get(workspace_id: int, public_id: UUID) -> Message | None:
    """The workspace's message of that public id."""
    return db.session.scalar(
        select(Message).where(Message.workspace_id == workspace_id, Message.public_id == public_id)
    )


def of_workspace(workspace_id: int) -> Select[Message]:
    """The workspace's messages, to be paged."""
    return select(Message).where(Message.workspace_id == workspace_id)


def with_run(run_id: int) -> tuple[Run, Message] | None:
    """A run and the message that it sends, in one question: each message asks it for itself."""
    query = select(Run, Message).join(Message, Message.run_id == Run.id).where(Run.id == run_id)
    row = db.session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def runs_of(messages: Collection[Message]) -> dict[int, Run]:
    """Message id -> its run."""
    ids = [message.run_id for message in messages]
    runs = {run.id: run for run in db.session.scalars(select(Run).where(Run.id.in_(ids)))}
    return {message.id: runs[message.run_id] for message in messages}


def recipients_of(messages: Collection[Message]) -> dict[int, list[tuple[Role, Delivery]]]:
    """Message id -> its recipients, in the order of the header."""
    rows = db.session.execute(
        select(MessageRecipient.message_id, MessageRecipient.role, Delivery)
        .join(Delivery, Delivery.id == MessageRecipient.delivery_id)
        .where(MessageRecipient.message_id.in_([message.id for message in messages]))
        .order_by(Delivery.id)
    )
    found: dict[int, list[tuple[Role, Delivery]]] = defaultdict(list)
    for message_id, role, delivery in rows:
        found[message_id].append((Role(role), delivery))
    return found


def runs_of_call(call_id: UUID) -> Sequence[int]:
    """The runs of a call, in its order."""
    return db.session.scalars(
        select(Message.run_id).where(Message.call_id == call_id).order_by(Message.id)
    ).all()
