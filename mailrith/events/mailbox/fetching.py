"""Fetching from a mailbox: a few mails are stored and committed, then marked at the server, then the place is noted.

Killed in between, the next visit reads the same mails again: they are known by their digest, and only marked.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update

from mailrith.connections.mailbox import queries
from mailrith.connections.mailbox.models import Afterwards, BounceMailbox, Protocol
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import recording
from mailrith.events.mailbox import storing
from mailrith.events.mailbox.box import Box
from mailrith.events.mailbox.line import Access
from mailrith.events.mailbox.trouble import Trouble
from mailrith.events.mailbox.visiting import visit

JOB = "mailrith.events.mailbox.jobs.fetch"
EVERY = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)  # after failures, so that nobody is locked out by our trying
LEASE = timedelta(minutes=4)  # longer than a visit lasts
VISIT_SECONDS = 60.0  # no further mails are begun after that
AT_ONCE = 20  # mails between two marks
_KNOWN_AT_ONCE = 500
DUE_AT_ONCE = 200


@dataclass(frozen=True)
class Plan:
    """A mailbox that this worker has taken until `lease`. `access` is None when a key is gone."""

    mailbox_id: int
    connection_id: int
    lease: datetime
    access: Access | None
    afterwards: Afterwards
    move_to: str
    validity: int
    last_uid: int


@dataclass
class Harvest:
    """What a visit brought. `more`: not everything was read."""

    stored: int = 0
    more: bool = False
    trouble: Trouble | None = None


def hand_out() -> None:
    """A job for each mailbox that is due. The caller commits."""
    for mailbox in queries.due(DUE_AT_ONCE):
        mailbox.next_at = now() + EVERY
        queue.enqueue(JOB, mailbox.id, queue=queue.EVENTS)


def watched(limit: int) -> list[tuple[int, Access]]:
    """Mailboxes whose server may speak by itself, and how to get there; none that cannot be read at the moment."""
    found = [(mailbox.id, Access.of(mailbox)) for mailbox in queries.readable(Protocol.IMAP, limit)]
    return [(mailbox_id, access) for mailbox_id, access in found if access is not None]


def hurry(mailbox_ids: Sequence[int]) -> None:
    """A job for each of these, whenever it was read last. The caller commits."""
    for mailbox_id in mailbox_ids:
        queue.enqueue(JOB, mailbox_id, queue=queue.EVENTS)


def begin(mailbox_id: int) -> Plan | None:
    """Take a mailbox for this worker; None when it is gone or another worker reads it. The caller commits."""
    moment = now()
    free = or_(BounceMailbox.busy_until.is_(None), BounceMailbox.busy_until < moment)
    if not _change(mailbox_id, free, busy_until=moment + LEASE):
        return None
    mailbox = db.session.get_one(BounceMailbox, mailbox_id, populate_existing=True)
    return Plan(
        mailbox_id,
        mailbox.connection_id,
        moment + LEASE,
        Access.of(mailbox),
        Afterwards(mailbox.afterwards),
        mailbox.move_to,
        mailbox.uid_validity,
        mailbox.last_uid,
    )


def read(plan: Plan, written: Callable[[], None]) -> Harvest:
    """Read what is new. `written` commits after every few mails; begin it outside of a transaction."""
    harvest = Harvest()
    if plan.access is None:
        harvest.trouble = Trouble("key_lost")
    else:
        harvest.trouble = visit(plan.access, lambda box: _empty(box, plan, harvest, written))
        db.session.rollback()
    return harvest


def finish(plan: Plan, harvest: Harvest) -> None:
    """Note how it went, unless somebody changed the mailbox meanwhile. The caller commits."""
    mailbox = db.session.get(BounceMailbox, plan.mailbox_id, populate_existing=True)
    if mailbox is None or mailbox.busy_until != plan.lease:
        return
    moment = now()
    mailbox.busy_until = None
    if harvest.trouble is None:
        mailbox.failures, mailbox.failing_since, mailbox.trouble = 0, None, {}
        mailbox.fetched_at = moment
        mailbox.next_at = moment if harvest.more else moment + EVERY
    else:
        mailbox.failures += 1
        mailbox.failing_since = mailbox.failing_since or moment
        mailbox.trouble = harvest.trouble.as_data()
        mailbox.next_at = moment + min(EVERY * 2 ** min(mailbox.failures - 1, 10), LONGEST_PAUSE)


def _empty(box: Box, plan: Plan, harvest: Harvest, written: Callable[[], None]) -> None:
    until = time.monotonic() + VISIT_SECONDS
    after = plan.last_uid if box.validity == plan.validity else 0
    for names in _batches(box, plan, after):
        if time.monotonic() >= until or recording.overloaded():
            harvest.more = True
            return
        fetched = [(name, box.raw(name)) for name in names.fresh]
        for name, raw in fetched:
            if raw is not None and storing.store(plan.mailbox_id, plan.connection_id, name, raw):
                harvest.stored += 1
        # The lock ends with the commit: whoever changes the mailbox finds all of these stored, or none.
        if not _change(plan.mailbox_id, _ours(plan), busy_until=plan.lease):
            db.session.rollback()
            return
        written()
        gone = {name for name, raw in fetched if raw is None}
        present = [name for name in names.every if name not in gone]
        if present:
            box.settle(present, plan.afterwards, plan.move_to)
        if box.validity:
            last = int(names.every[-1])
            _change(plan.mailbox_id, _ours(plan), uid_validity=box.validity, last_uid=last)
            written()


@dataclass(frozen=True)
class _Batch:
    every: Sequence[str]
    fresh: Sequence[str]  # those that have to be read


def _batches(box: Box, plan: Plan, after: int) -> Iterator[_Batch]:
    names = box.names(after)
    lasting = plan.access is not None and plan.access.protocol == Protocol.POP3
    for start in range(0, len(names), _KNOWN_AT_ONCE):
        some = names[start : start + _KNOWN_AT_ONCE]
        known = storing.known(plan.mailbox_id, some) if lasting else set()
        db.session.rollback()  # nothing waits for the network inside a transaction
        for at in range(0, len(some), AT_ONCE):
            every = some[at : at + AT_ONCE]
            fresh = [name for name in every if name not in known]
            if fresh or plan.afterwards == Afterwards.DELETE:
                yield _Batch(every, fresh)


def _ours(plan: Plan) -> Any:
    return BounceMailbox.busy_until == plan.lease


def _change(mailbox_id: int, condition: Any, **values: Any) -> bool:
    """Whether the row was there, and as it has to be."""
    done = db.session.execute(
        update(BounceMailbox)
        .where(BounceMailbox.id == mailbox_id, condition)
        .values(updated_at=BounceMailbox.updated_at, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
