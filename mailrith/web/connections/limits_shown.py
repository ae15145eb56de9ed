"""What the page tells about a connection's limits besides its fields: with whom it shares them, and how its warm-up goes."""

from dataclasses import dataclass
from datetime import datetime

from flask import g

from mailrith.connections import queries
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits.ramps import Ramp, ramp_of
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.web.connections.loading import sees_account


@dataclass(frozen=True)
class WarmUp:
    """Day `day` of `days` lets `allowance` messages go; from `ends_at` on it holds nobody back. Not begun: no first message yet."""

    day: int
    days: int
    allowance: int
    ends_at: datetime
    begun: bool


@dataclass(frozen=True)
class PacingShown:
    """`shared_with` are the names that may be told, `others` says that there are more. `over`: the warm-up is."""

    shared_with: list[str]
    others: bool
    warm_up: WarmUp | None
    over: bool


def pacing_of(connection: Connection) -> PacingShown:
    """Of a stored connection, as this person may see it."""
    visible = queries.list_for_workspace(g.workspace, whole_account=sees_account())
    names, others = limit_groups.shown(connection, visible)
    ramp = ramp_of(connection)
    warm_up = _warm_up(ramp) if ramp else None
    return PacingShown(names, others, warm_up, ramp is not None and warm_up is None)


def _warm_up(ramp: Ramp) -> WarmUp | None:
    moment = now()
    allowance = ramp.allowance(moment)
    if allowance is None:
        return None
    day, ends = 1 + ramp.day(moment), ramp.ends_at(moment)
    return WarmUp(day, ramp.days, allowance, ends, ramp.began_at is not None)
