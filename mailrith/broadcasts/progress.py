"""How fast a broadcast goes out, and when it will be through: by what it does, and by the limits that it will meet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mailrith.broadcasts import estimating
from mailrith.broadcasts.estimating import Part
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery import movement
from mailrith.delivery.models import DeliveryState, Run, RunPhase, RunRoute
from mailrith.delivery.pacing.limits import limits_of
from mailrith.delivery.queries import Progress


@dataclass(frozen=True)
class Pace:
    """`per_second` is None when nothing moves, `seconds_left` also when nobody can say."""

    per_second: float | None = None
    seconds_left: int | None = None


def pace_of(run: Run, progress: Progress) -> Pace:
    """The pace, and the time left for everybody but those who are tried again.

    What others send through the same connections takes turns with it: until the last of `waiting` has left, as many of
    each of them have, or all. A minute's limit that was just used up shows in no pace, so the limits have a word in it too.
    """
    if run.phase != RunPhase.SENDING:
        return Pace()
    rate = movement.rate(run)
    waiting = progress.counts[DeliveryState.QUEUED] + progress.counts[DeliveryState.SENDING]
    if not waiting:
        return Pace(rate, 0 if rate else None)
    others = movement.beside(run)
    people = waiting + sum(movement.waiting(other, up_to=waiting) for other in others)
    parts = _parts(run, people)
    pace = (rate or 0.0) + sum(movement.rate(other) or 0.0 for other in others)
    if not others and any(limits_of(part.connection).windows for part in parts):
        pace = movement.speed(run) or 0.0  # the rests are in what the limits say
    held = estimating.estimate(run.workspace_id, parts).seconds
    known = [seconds for seconds in (people / pace if pace else None, held) if seconds is not None]
    return Pace(rate, round(max(known)) if known else None)


def _parts(run: Run, waiting: int) -> Sequence[Part]:
    """What each of its connections has still to carry, by their weights."""
    rows = db.session.execute(
        select(Connection, RunRoute.weight)
        .join(RunRoute, RunRoute.connection_id == Connection.id)
        .where(RunRoute.run_id == run.id, RunRoute.left_at.is_(None))
    ).all()
    whole = sum(weight for _, weight in rows)
    return [Part(connection, -(-waiting * weight // whole)) for connection, weight in rows]
