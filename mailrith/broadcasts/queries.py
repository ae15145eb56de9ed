"""Reads of broadcasts. Every one is scoped by workspace, except those of the scheduler, which asks for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from mailrith.accounts.models import AuditEntry
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.core import paging
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import NotFound
from mailrith.delivery.models import Run, RunPhase

PAGE = 50
WITH_RUN = Run.id == Broadcast.run_id


class Chip(StrEnum):
    """The filters of the list. A running broadcast is sending or paused, as its run says."""

    ALL = "all"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True)
class Undoable:
    """A broadcast whose first message has not left yet."""

    broadcast: Broadcast
    run: Run
    seconds_left: int


def get(workspace_id: int, public_id: UUID) -> Broadcast | None:
    """The broadcast of that public id, if it is one of this workspace."""
    return db.session.scalar(
        select(Broadcast).where(
            Broadcast.workspace_id == workspace_id, Broadcast.public_id == public_id
        )
    )


def untouched(workspace_id: int, user_id: int | None) -> Broadcast | None:
    """A draft of the person in which nothing was ever saved."""
    return db.session.scalar(
        select(Broadcast)
        .where(
            Broadcast.workspace_id == workspace_id,
            Broadcast.created_by == user_id,
            Broadcast.status == BroadcastStatus.DRAFT,
            Broadcast.version == 1,
            Broadcast.subject == "",
            Broadcast.markdown == "",
        )
        .order_by(Broadcast.id.desc())
        .limit(1)
    )


def lock(broadcast: Broadcast) -> None:
    """Read it again and let nobody else change it until the transaction ends. Raises NotFound when it is gone.

    On SQLite the transaction itself holds the one write lock.
    """
    db.session.flush()
    again = (
        select(Broadcast)
        .where(Broadcast.id == broadcast.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if db.session.scalar(again) is None:
        raise NotFound


def newest(workspace_id: int, limit: int = 20) -> list[Broadcast]:
    """The last ones, newest first."""
    return list(page(workspace_id, size=limit).items)


def run_of(broadcast: Broadcast) -> Run | None:
    """Its sending, once there is one."""
    if broadcast.run_id is None:
        return None
    return db.session.scalar(
        select(Run).where(Run.id == broadcast.run_id, Run.workspace_id == broadcast.workspace_id)
    )


def runs_of(broadcasts: Sequence[Broadcast]) -> dict[int, Run]:
    """Their runs, by the id of the run."""
    ids = [b.run_id for b in broadcasts if b.run_id is not None]
    if not ids:
        return {}
    return {run.id: run for run in db.session.scalars(select(Run).where(Run.id.in_(ids)))}


def by_run(run_id: int) -> Broadcast | None:
    """The broadcast behind a run; for receivers, who are told ids."""
    return db.session.scalar(select(Broadcast).where(Broadcast.run_id == run_id))


def page(
    workspace_id: int,
    chip: Chip = Chip.ALL,
    text: str = "",
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> paging.Page[Broadcast]:
    """One page of the list, newest first."""
    query = (
        select(Broadcast)
        .outerjoin(Run, WITH_RUN)
        .where(Broadcast.workspace_id == workspace_id, _of(chip), _with_words(text))
    )
    return paging.paginate(query, Broadcast.id, size=size, after=after, before=before)


def counts(workspace_id: int) -> dict[Chip, int]:
    """How many broadcasts each chip shows."""
    rows = db.session.execute(
        select(Broadcast.status, Run.phase, func.count())
        .select_from(Broadcast)
        .outerjoin(Run, WITH_RUN)
        .where(Broadcast.workspace_id == workspace_id)
        .group_by(Broadcast.status, Run.phase)
    )
    found = dict.fromkeys(Chip, 0)
    for status, phase, count in rows:
        found[Chip.ALL] += count
        found[_chip(status, phase)] += count
    return found


def running_in(workspace_id: int) -> Broadcast | None:
    """The one that is going out now, newest first."""
    return db.session.scalar(
        select(Broadcast)
        .outerjoin(Run, WITH_RUN)
        .where(Broadcast.workspace_id == workspace_id, _of(Chip.SENDING))
        .order_by(Broadcast.id.desc())
        .limit(1)
    )


def undoable_in(workspace_id: int) -> Undoable | None:
    """What can still be taken back, the most urgent first. A schedule that came due has no such window."""
    moment = now()
    row = db.session.execute(
        select(Broadcast, Run)
        .join(Run, Run.id == Broadcast.run_id)
        .where(
            Broadcast.workspace_id == workspace_id,
            Broadcast.status == BroadcastStatus.RUNNING,
            Run.not_before > moment,
        )
        .order_by(Run.not_before)
        .limit(1)
    ).first()
    if row is None:
        return None
    left = (row.Run.not_before - moment).total_seconds()
    return Undoable(row.Broadcast, row.Run, max(1, round(left)))


def scheduled_in(workspace_id: int) -> list[Broadcast]:
    """What is scheduled, soonest first: listed when the workspace's time zone changes."""
    return list(
        db.session.scalars(
            select(Broadcast)
            .where(
                Broadcast.workspace_id == workspace_id,
                Broadcast.status == BroadcastStatus.SCHEDULED,
            )
            .order_by(Broadcast.scheduled_at, Broadcast.id)
        )
    )


def palette_search(workspace_id: int, text: str, limit: int = 5) -> list[Broadcast]:
    """Subjects that hold these words, newest first."""
    return list(
        db.session.scalars(
            select(Broadcast)
            .where(Broadcast.workspace_id == workspace_id, _with_words(text))
            .order_by(Broadcast.id.desc())
            .limit(limit)
        )
    )


def due_ids(moment: datetime, limit: int = 50) -> list[int]:
    """What should have started by now and does not wait for a person."""
    return list(
        db.session.scalars(
            select(Broadcast.id)
            .where(
                Broadcast.status == BroadcastStatus.SCHEDULED,
                Broadcast.scheduled_at <= moment,
                Broadcast.late.is_(False),
            )
            .order_by(Broadcast.scheduled_at)
            .limit(limit)
        )
    )


def audited_since(account_id: int, user_id: int, action: str, span: timedelta) -> list[datetime]:
    """When the person did this within the span, oldest first."""
    return list(
        db.session.scalars(
            select(AuditEntry.at)
            .where(
                AuditEntry.account_id == account_id,
                AuditEntry.user_id == user_id,
                AuditEntry.action == action,
                AuditEntry.at > now() - span,
            )
            .order_by(AuditEntry.at)
        )
    )


def _with_words(text: str) -> ColumnElement[bool]:
    words = text.strip()[:200]
    return Broadcast.subject.icontains(words, autoescape=True) if words else true()


def _chip(status: BroadcastStatus, phase: RunPhase | None) -> Chip:
    if status == BroadcastStatus.RUNNING:
        return Chip.PAUSED if phase == RunPhase.PAUSED else Chip.SENDING
    return Chip.SENT if status == BroadcastStatus.COMPLETED else Chip(str(status))


def _of(chip: Chip) -> ColumnElement[bool]:
    running = Broadcast.status == BroadcastStatus.RUNNING
    if chip == Chip.ALL:
        return true()
    if chip == Chip.SENDING:
        return and_(running, or_(Run.phase.is_(None), Run.phase != RunPhase.PAUSED))
    if chip == Chip.PAUSED:
        return and_(running, Run.phase == RunPhase.PAUSED)
    if chip == Chip.SENT:
        return Broadcast.status == BroadcastStatus.COMPLETED
    return Broadcast.status == BroadcastStatus(str(chip))
