"""The audience of a run, written down once: a delivery for each member, and how many were left out and why."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Insert, case, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.elements import ColumnElement

from mailrith.connections.limits.ramps import ramp_of
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Pause, Run, RunPhase
from mailrith.delivery.runs import phases, routes
from mailrith.subscribers import audience
from mailrith.subscribers.models import Subscriber

GROWTH = 1.1  # more than a tenth above what was agreed to is asked about


def freeze(run_id: int) -> bool:
    """Write the deliveries of a run. Twice is once; a freeze that died half way has left nothing.

    Commits. Returns whether the run is frozen and not held.
    """
    if not phases.move(run_id, to=RunPhase.PREPARING, out_of=(RunPhase.QUEUED, RunPhase.PREPARING)):
        db.session.rollback()
        return False
    db.session.commit()
    _see_one_moment()
    run = db.session.scalar(
        select(Run)
        .where(Run.id == run_id, Run.phase == RunPhase.PREPARING, Run.frozen_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    if run is None:
        db.session.rollback()
        return False
    _write(run)
    held = _hold_if_grown(run)
    db.session.commit()
    return not held


def _see_one_moment() -> None:
    """The members and the count of those left out have to be of one moment, or their sum would not add up."""
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _write(run: Run) -> None:
    choice = audience.Audience.from_json(run.audience)
    weights = {route.connection_id: route.weight for route in routes.of(run.id)}
    if not weights:
        weights = {run.connection_id: 1}
        routes.lay(run, weights)
    newest_first = any(_warming(connection_id) for connection_id in weights)
    _store(_insert(run, choice, weights, newest_first=newest_first))
    run.left_out = audience.count(run.workspace_id, choice).left_out
    run.frozen_count = db.session.scalar(
        select(func.count()).select_from(Delivery).where(Delivery.run_id == run.id)
    )
    run.frozen_at = now()
    db.session.flush()


def _store(rows: Any) -> None:
    """An address that is there twice, which only a mistake brings about, is written down once.

    PostgreSQL is asked to look for that only when it has to: looking costs as much as a foreign key.
    """
    if db.engine.dialect.name == "postgresql":
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.execute(rows)
            return
    db.session.execute(rows.on_conflict_do_nothing())


def _warming(connection_id: int) -> bool:
    """Whether the connection warms up: then whoever is likeliest to read and answer well comes first."""
    ramp = ramp_of(db.session.get_one(Connection, connection_id))
    return ramp is not None and ramp.allowance(now()) is not None


def _insert(
    run: Run, choice: audience.Audience, weights: Mapping[int, int], *, newest_first: bool
) -> Insert:
    """Deliveries are claimed in the order of their numbers, so this is the order in which mail leaves."""
    members = audience.members(run.workspace_id, choice).subquery()
    moment = literal(now(), Delivery.updated_at.type)
    rows = select(
        literal(run.workspace_id),
        literal(run.id),
        members.c.id,
        members.c.email,
        members.c.fingerprint,
        literal(str(DeliveryState.QUEUED)),
        literal(0),
        literal(""),
        literal(""),
        literal(""),
        moment,
        _carrier(members.c.id, weights),
    )
    if newest_first:
        rows = rows.join(Subscriber, Subscriber.id == members.c.id).order_by(
            Subscriber.subscribed_at.desc(), members.c.id
        )
    else:
        rows = rows.order_by(members.c.id)
    columns = [
        *("workspace_id", "run_id", "subscriber_id", "email", "fingerprint", "state", "attempt"),
        *("cause", "enhanced_status", "diagnostic", "updated_at", "connection_id"),
    ]
    maker: Any = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement: Insert = maker.insert(Delivery).from_select(columns, rows)
    return statement


def _carrier(member_id: ColumnElement[int], weights: Mapping[int, int]) -> ColumnElement[int]:
    """Whose turn it is: with the weights 2 and 1, every third member is the second connection's."""
    if len(weights) == 1:
        return literal(next(iter(weights)), Delivery.connection_id.type)
    turn = (func.row_number().over(order_by=member_id) - 1) % sum(weights.values())
    turns, end = [], 0
    for connection_id, weight in weights.items():
        end += weight
        turns.append((turn < end, literal(connection_id, Delivery.connection_id.type)))
    return case(*turns)


def _hold_if_grown(run: Run) -> bool:
    confirmed, frozen = run.confirmed_count, run.frozen_count or 0
    if confirmed is None or frozen <= confirmed * GROWTH:
        return False
    words = f"{frozen:,} people would get it now; {confirmed:,} were agreed to."
    return phases.pause(run.id, Pause.COUNT_GREW, words)
