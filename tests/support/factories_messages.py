"""Single messages, accepted as a program's request would leave them."""

from typing import Any

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, Run
from mailrith.messages import actions
from mailrith.messages.drafts import Draft, Mailbox
from mailrith.messages.models import Message
from tests.support import factories


def draft(*to: str, **changes: Any) -> Draft:
    """A short text to these addresses, or to Ada."""
    values: dict[str, Any] = {
        "to": tuple(Mailbox(one) for one in to or ("ada@people.example",)),
        "subject": "Your receipt",
        "text": "Thank you.",
    }
    return Draft(**values | changes)


def sender_through(smtpd: Any, **changes: Any) -> Workspace:
    """A workspace whose default connection leads to the scripted server."""
    workspace = factories.make_workspace()
    factories.make_connection(workspace, port=smtpd.port, **changes)
    return workspace


def accept(workspace: Workspace, *drafts: Draft, stop: bool = False) -> list[Message]:
    """Checked, composed, written and committed."""
    checked = actions.check(workspace, drafts or (draft(),), single=len(drafts) < 2)
    db.session.commit()
    composed = actions.compose(checked)
    messages = actions.accept(workspace, composed, stop_on_error=stop)
    db.session.commit()
    return messages


def states(*messages: Message) -> list[str]:
    """Of every recipient, in order, as the database has them now."""
    run_ids = [message.run_id for message in messages]
    db.session.rollback()
    query = select(Delivery.state).where(Delivery.run_id.in_(run_ids)).order_by(Delivery.id)
    found = [str(state) for state in db.session.scalars(query)]
    db.session.rollback()
    return found


def run_of(message: Message) -> Run:
    """Its run, as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Run, message.run_id)
