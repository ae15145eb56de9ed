"""How fast a run goes out, and who takes turns with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Subquery, func, select

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.epoch import epoch
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase, RunRoute

RATE_SECONDS = 60.0  # the rate shown is at most that of this long: several broadcasts take turns of some seconds
LEAST_RATE_SECONDS = 5.0  # and of half the time that it goes, since every sending begins slowly
RATE_ROWS = 20_000  # at most of so many


def rate(run: Run) -> float | None:
    """Messages a second, from the newest outcomes: people are sent to in the order of their ids. None when nothing moves."""
    if run.phase != RunPhase.SENDING:
        return None
    moment, at = now(), _newest(run).c.updated_at
    span = _span(run, moment)
    begun = moment - span
    found, first, before = db.session.execute(
        select(
            func.count().filter(at >= begun),
            func.min(at).filter(at >= begun),
            func.max(at).filter(at < begun),
        )
    ).one()
    if not found:
        return None
    # All that was looked at is younger, or it had rested.
    if before is None or begun - before > span:
        begun = first if before or found == RATE_ROWS else max(begun, run.started_at or begun)
    return float(found / max((moment - begun).total_seconds(), 0.5))


def speed(run: Run) -> float | None:
    """Messages a second while it moves: whole seconds in which nothing went out do not count. None if it has not for a minute."""
    at = _newest(run).c.updated_at
    found, seconds = db.session.execute(
        select(func.count(), func.count(epoch(at).distinct())).where(
            at >= now() - timedelta(seconds=RATE_SECONDS)
        )
    ).one()
    return float(found / seconds) if seconds else None


def beside(run: Run) -> Sequence[Run]:
    """The other runs that are sent now, in any workspace, through a connection of this one: they take turns with it."""
    shared = select(RunRoute.connection_id).where(
        RunRoute.run_id == run.id, RunRoute.left_at.is_(None)
    )
    routes = select(RunRoute.run_id).where(
        RunRoute.connection_id.in_(shared), RunRoute.left_at.is_(None)
    )
    return db.session.scalars(
        select(Run).where(Run.phase == RunPhase.SENDING, Run.id.in_(routes), Run.id != run.id)
    ).all()


def waiting(run: Run, up_to: int) -> int:
    """How many have still to be sent to for the first time, counted no further than `up_to`."""
    some = (
        select(Delivery.id)
        .where(
            Delivery.run_id == run.id,
            Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING)),
        )
        .limit(up_to)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _newest(run: Run) -> Subquery:
    """When the last people were sent to, as far as anybody looks."""
    return (
        select(Delivery.updated_at)
        .where(Delivery.run_id == run.id, Delivery.state == DeliveryState.SENT)
        .order_by(Delivery.id.desc())
        .limit(RATE_ROWS)
        .subquery()
    )


def _span(run: Run, moment: datetime) -> timedelta:
    """How far back the rate looks."""
    going = (moment - (run.started_at or moment)).total_seconds()
    return timedelta(seconds=min(RATE_SECONDS, max(LEAST_RATE_SECONDS, going / 2)))
