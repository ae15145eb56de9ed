"""Try it: the same visit as for fetching, which changes nothing at the server. A worker writes each step, the page reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from mailrith.accounts.models import User
from mailrith.connections import assigning
from mailrith.connections.mailbox import queries
from mailrith.connections.mailbox.models import BounceMailbox
from mailrith.connections.models import Connection
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict
from mailrith.events.mailbox import trouble
from mailrith.events.mailbox.box import Box
from mailrith.events.mailbox.line import Access
from mailrith.events.mailbox.trouble import Trouble
from mailrith.events.mailbox.visiting import Step, visit

JOB = "mailrith.events.mailbox.jobs.try_out"
STALE = timedelta(minutes=4)  # then its worker is gone
SET_UP_FIRST = "Save the mailbox first."


@dataclass(frozen=True)
class Trial:
    """How far it is. `done` when it is over; then `trouble` says why it stopped, if it did."""

    asked_at: datetime
    steps: tuple[Step, ...]
    done: bool
    trouble: Trouble | None

    @property
    def count(self) -> int | None:
        """The mails that are there."""
        return next((step.count for step in self.steps if step.count is not None), None)

    @property
    def under_way(self) -> bool:
        """Whether the page should look again."""
        return not self.done and self.asked_at > now() - STALE


def ask(connection: Connection, user: User) -> None:
    """Have it tried by a worker. Asking while that goes on changes nothing. Raises Conflict and Forbidden."""
    assigning.check_somewhere(connection, user)
    mailbox = queries.of(connection.id)
    if mailbox is None:
        raise Conflict(SET_UP_FIRST)
    going = of(mailbox)
    if going is None or not going.under_way:
        mailbox.trial = {"asked_at": now().isoformat()}
        queue.enqueue(JOB, mailbox.id)


def of(mailbox: BounceMailbox) -> Trial | None:
    """The last one."""
    data = mailbox.trial
    if not data:
        return None
    return Trial(
        datetime.fromisoformat(data["asked_at"]),
        tuple(Step(**step) for step in data.get("steps", ())),
        bool(data.get("done")),
        trouble.from_data(data.get("trouble") or {}),
    )


def begin(mailbox_id: int) -> tuple[dict[str, Any], Access | None] | None:
    """What was asked, and what to try; None when nothing waits."""
    mailbox = db.session.get(BounceMailbox, mailbox_id)
    if mailbox is None or not mailbox.trial or mailbox.trial.get("done"):
        return None
    return {"asked_at": mailbox.trial["asked_at"], "steps": []}, Access.of(mailbox)


def run(
    mailbox_id: int, asked: dict[str, Any], access: Access | None, written: Callable[[], None]
) -> None:
    """Try it. `written` commits each step; begin it outside of a transaction."""

    def observe(step: Step) -> None:
        asked["steps"] = [*asked["steps"], step.as_data()]
        _write(mailbox_id, asked)
        written()

    found = Trouble("key_lost") if access is None else visit(access, _look, observe)
    _write(mailbox_id, asked | {"done": True, "trouble": found.as_data() if found else {}})


def _look(box: Box) -> None:
    """Everything that is wanted was found when the folder was opened."""


def _write(mailbox_id: int, data: dict[str, Any]) -> None:
    db.session.execute(
        update(BounceMailbox)
        .where(BounceMailbox.id == mailbox_id)
        .values(trial=data, updated_at=BounceMailbox.updated_at)
        .execution_options(synchronize_session=False)
    )
