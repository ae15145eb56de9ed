"""How far a broadcast's sending is, and when it will be through: by what it does, and by the limits that it will meet."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from mailrith.broadcasts import estimating
from mailrith.broadcasts.estimating import Part
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery import queries
from mailrith.delivery.models import DeliveryState, Run, RunPhase, RunRoute
from mailrith.delivery.queries import Progress


def progress_of(run: Run) -> Progress:
    """As `delivery.queries.progress`, with the time that limits still take: a minute's limit that was just used up shows in no pace."""
    found = queries.progress(run)
    waiting = found.counts[DeliveryState.QUEUED] + found.counts[DeliveryState.SENDING]
    if run.phase != RunPhase.SENDING or not waiting:
        return found
    held = estimating.estimate(run.workspace_id, _parts(run, waiting)).seconds
    known = [seconds for seconds in (found.seconds_left, held) if seconds is not None]
    return replace(found, seconds_left=round(max(known)) if known else None)


def _parts(run: Run, waiting: int) -> Sequence[Part]:
    """What each of its connections has still to carry, by their weights."""
    rows = db.session.execute(
        select(Connection, RunRoute.weight)
        .join(RunRoute, RunRoute.connection_id == Connection.id)
        .where(RunRoute.run_id == run.id, RunRoute.left_at.is_(None))
    ).all()
    whole = sum(weight for _, weight in rows)
    return [Part(connection, -(-waiting * weight // whole)) for connection, weight in rows]
