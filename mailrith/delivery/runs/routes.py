"""The connections that carry a run, by weight, and who waits for which."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunRoute

WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


def lay(run: Run, weights: Mapping[int, int]) -> None:
    """Let these connections carry the run: connection id -> parts."""
    for connection_id, weight in weights.items():
        db.session.add(RunRoute(run_id=run.id, connection_id=connection_id, weight=weight))
    db.session.flush()


def of(run_id: int) -> Sequence[RunRoute]:
    """Every route of the run, also those that were left."""
    return db.session.scalars(
        select(RunRoute).where(RunRoute.run_id == run_id).order_by(RunRoute.connection_id)
    ).all()


def lead(run_id: int, connection_id: int) -> None:
    """Let the connection carry what others leave, also when it was left itself before."""
    route = db.session.get(RunRoute, (run_id, connection_id))
    if route is None:
        db.session.add(RunRoute(run_id=run_id, connection_id=connection_id))
    else:
        route.left_at, route.left_cause = None, ""
    db.session.flush()


def has(
    run_id: int, connection_id: int, states: Iterable[DeliveryState], *wanted: ColumnElement[bool]
) -> bool:
    """Whether anybody in one of `states` belongs to the connection."""
    found = db.session.scalar(
        select(Delivery.id)
        .where(
            Delivery.run_id == run_id,
            Delivery.connection_id == connection_id,
            Delivery.state.in_(tuple(states)),
            *wanted,
        )
        .limit(1)
    )
    return found is not None


def queued(run_id: int, connection_id: int, *, up_to: int) -> int:
    """How many wait for their turn, counted no further than `up_to`."""
    some = (
        select(Delivery.id)
        .where(
            Delivery.run_id == run_id,
            Delivery.state == DeliveryState.QUEUED,
            Delivery.connection_id == connection_id,
        )
        .limit(up_to)
    )
    return len(db.session.scalars(some).all())
