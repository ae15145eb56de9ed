"""What edges and packages above ask the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.paging import Page, paginate
from mailrith.delivery import reasons
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase, RunRoute

DAY = timedelta(hours=24)
SAMPLE_WORDS = 3

# The address itself is at fault: trying again would only repeat it.
HOPELESS = ("mailbox_unknown", "domain_unknown", "address_malformed", "mailbox_disabled")
# What a relay has taken, or may have.
TAKEN = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.IN_DOUBT)


@dataclass(frozen=True)
class Progress:
    """Where a run stands. `done` will not change by itself any more."""

    counts: dict[DeliveryState, int]
    total: int
    done: int
    percent: int  # 0 to 100, 100 only when everybody is done


@dataclass(frozen=True)
class ErrorGroup:
    """The people of a run who failed, or wait, for one cause, with its words (smtp.causes)."""

    cause: str
    state: DeliveryState
    people: int
    title: str
    what: str
    likely: str
    todo: tuple[str, ...]
    samples: tuple[str, ...]  # what servers said
    retryable: bool


def get(workspace_id: int, public_id: UUID) -> Run | None:
    """The workspace's run of that public id."""
    return db.session.scalar(
        select(Run).where(Run.workspace_id == workspace_id, Run.public_id == public_id)
    )


def counts(run_id: int) -> dict[DeliveryState, int]:
    """How many are in each state. Every state is there; the sum is the frozen audience."""
    rows = db.session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.run_id == run_id)
        .group_by(Delivery.state)
    )
    found = {DeliveryState(state): people for state, people in rows}
    return {state: found.get(state, 0) for state in DeliveryState}


def progress(run: Run) -> Progress:
    """Counts, from the ledger."""
    states = counts(run.id)
    waiting = (
        states[DeliveryState.QUEUED]
        + states[DeliveryState.SENDING]
        + states[DeliveryState.DEFERRED]
    )
    total = sum(states.values())
    return Progress(
        counts=states,
        total=total,
        done=total - waiting,
        percent=100 * (total - waiting) // total if total else 0,
    )


def error_groups(run: Run) -> list[ErrorGroup]:
    """Failed and deferred people by cause, the largest group first."""
    rows = db.session.execute(
        select(Delivery.state, Delivery.cause, func.count())
        .where(
            Delivery.run_id == run.id,
            Delivery.state.in_((DeliveryState.FAILED, DeliveryState.DEFERRED)),
        )
        .group_by(Delivery.state, Delivery.cause)
        .order_by(func.count().desc(), Delivery.cause)
    )
    return [_group(run, DeliveryState(state), cause, people) for state, cause, people in rows]


def in_doubt_page(run: Run, after: str | None = None, before: str | None = None) -> Page[Delivery]:
    """Those about whom nobody has decided yet."""
    undecided = Delivery.decided_by.is_(None)
    return _people(run, DeliveryState.IN_DOUBT, undecided, after=after, before=before)


def people_page(
    run: Run,
    state: DeliveryState | None = None,
    cause: str | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Page[Delivery]:
    """The recipients of a run, of one state and cause if given."""
    wanted = Delivery.cause == cause if cause is not None else None
    return _people(run, state, wanted, after=after, before=before)


def by_subscriber(subscriber_id: int, *, limit: int = 50) -> Sequence[tuple[Delivery, Run]]:
    """What somebody was sent, newest first."""
    rows = db.session.execute(
        select(Delivery, Run)
        .join(Run, Run.id == Delivery.run_id)
        .where(Delivery.subscriber_id == subscriber_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    return [(delivery, run) for delivery, run in rows]


def by_connection_today(connection_id: int) -> int:
    """How many messages the connection was given in the last 24 hours."""
    return db.session.scalar(used_since(connection_id, now() - DAY)) or 0


def by_connections_today(
    connection_ids: Collection[int], workspace_ids: Collection[int] | None = None
) -> dict[int, int]:
    """The same for several, in one query; of some workspaces alone, where those of others are nobody's business."""
    query = (
        select(Delivery.connection_id, func.count())
        .where(*taken_by(connection_ids, now() - DAY))
        .group_by(Delivery.connection_id)
    )
    if workspace_ids is not None:
        query = query.where(Delivery.workspace_id.in_(workspace_ids))
    rows = db.session.execute(query)
    found = {row[0]: row[1] for row in rows}
    return {connection_id: found.get(connection_id, 0) for connection_id in connection_ids}


def used_since(connection_id: int, since: datetime) -> Select[int]:
    """SELECT of how many messages went, or may have gone, through the connection since then."""
    return select(func.count()).select_from(Delivery).where(*taken_since(connection_id, since))


def taken_since(connection_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Delivery for the same."""
    return taken_by((connection_id,), since)


def taken_by(connection_ids: Collection[int], since: datetime) -> tuple[ColumnElement[bool], ...]:
    """The same for any of several connections."""
    runs = (
        select(RunRoute.run_id)
        .join(Run, Run.id == RunRoute.run_id)
        .where(RunRoute.connection_id.in_(connection_ids), Run.started_at.is_not(None))
        .where((Run.finished_at.is_(None)) | (Run.finished_at >= since))
    )
    return (
        Delivery.run_id.in_(runs),
        Delivery.connection_id.in_(connection_ids),
        Delivery.state.in_(TAKEN),
        Delivery.updated_at >= since,
    )


def runs_in(workspace_id: int, phases: Sequence[RunPhase]) -> Sequence[Run]:
    """The workspace's runs in these phases, newest first."""
    return db.session.scalars(
        select(Run)
        .where(Run.workspace_id == workspace_id, Run.phase.in_(phases))
        .order_by(Run.id.desc())
    ).all()


def unfinished_runs() -> dict[str, int]:
    """How many runs of the whole installation are in each phase but the last. For metrics."""
    rows = db.session.execute(
        select(Run.phase, func.count()).where(Run.phase != RunPhase.FINISHED).group_by(Run.phase)
    )
    return {str(phase): runs for phase, runs in rows}


def _people(
    run: Run,
    state: DeliveryState | None,
    wanted: ColumnElement[bool] | None,
    *,
    after: str | None,
    before: str | None,
) -> Page[Delivery]:
    query = select(Delivery).where(Delivery.run_id == run.id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if wanted is not None:
        query = query.where(wanted)
    return paginate(query, Delivery.id, after=after, before=before)


def _group(run: Run, state: DeliveryState, cause: str, people: int) -> ErrorGroup:
    words = reasons.reason(cause)
    samples = db.session.scalars(
        select(Delivery.diagnostic)
        .where(Delivery.run_id == run.id, Delivery.state == state, Delivery.cause == cause)
        .order_by(Delivery.id)
        .limit(SAMPLE_WORDS)
    )
    return ErrorGroup(
        cause=cause,
        state=state,
        people=people,
        title=words.title,
        what=words.what,
        likely=words.likely,
        todo=words.todo,
        samples=tuple(dict.fromkeys(filter(None, samples))),
        retryable=state == DeliveryState.FAILED and cause not in HOPELESS,
    )
