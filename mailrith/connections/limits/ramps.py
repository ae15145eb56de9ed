"""A warm-up: a server that nobody knows yet begins with few messages a day and carries more each day.

Days are counted from the first sending on, whether something leaves or not, so a pause neither restarts nor stretches it.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from mailrith.connections.limits import days
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db

A_DAY = timedelta(days=1)
USUAL_GROWTH = 50  # per cent a day, when nobody chose


@dataclass(frozen=True, slots=True)
class Ramp:
    """`start` messages on the first day, each day `growth` per cent more, until `target` is reached.

    `began_at` is None before the first sending. `zone` is where days begin at midnight; empty: 24 hours after it began.
    """

    start: int
    growth: int
    target: int
    began_at: datetime | None = None
    zone: str = ""

    @property
    def days(self) -> int:
        """How many days it lasts: on the next one the target may go."""
        if self.start >= self.target:
            return 0
        return math.ceil(math.log(self.target / self.start) / math.log1p(self.growth / 100) - 1e-9)

    def amount(self, day: int) -> int | None:
        """How many may go on that day, from 0; None when it is over."""
        if day >= self.days:
            return None
        return math.floor(self.start * (1 + self.growth / 100) ** max(0, day) + 1e-6)

    def day(self, moment: datetime) -> int:
        """Which day it is, from 0."""
        if self.began_at is None or moment <= self.began_at:
            return 0
        if self.zone:
            began = days.day_of(self.began_at, self.zone)
            return (days.day_of(moment, self.zone) - began).days
        return (moment - self.began_at) // A_DAY

    def allowance(self, moment: datetime) -> int | None:
        """How many may go on the day of `moment`; None when it is over."""
        return self.amount(self.day(moment))

    def begins(self, day: int, moment: datetime) -> datetime:
        """When that day of it begins, if it begins now at the latest."""
        began = self.began_at or moment
        if not self.zone:
            return began + day * A_DAY
        return days.begins(days.day_of(began, self.zone) + day * A_DAY, self.zone)

    def ends_at(self, moment: datetime) -> datetime:
        """From when on it holds nobody back."""
        return self.begins(self.days, moment)

    def grows_at(self, moment: datetime) -> datetime | None:
        """When more may go than on the day of `moment`; None when it is over."""
        day = self.day(moment)
        return self.begins(day + 1, moment) if day < self.days else None


def ramp_of(row: Any) -> Ramp | None:
    """The warm-up of a connection, or of a row with its columns; None without one."""
    target = min((n for n in (row.ramp_target, row.per_day) if n), default=None)
    if not row.ramp_start or target is None:
        return None
    began = row.ramp_began_at
    if began is not None and began.tzinfo is None:  # a row that was read without the models
        began = began.replace(tzinfo=UTC)
    return Ramp(row.ramp_start, row.ramp_growth or USUAL_GROWTH, target, began, row.day_zone)


def begin(connection: Connection) -> bool:
    """The first message leaves now. Whether the warm-up began with it. The caller commits."""
    if not connection.ramp_start or connection.ramp_began_at is not None:
        return False
    moment = now()
    begun = db.session.execute(
        update(Connection)
        .where(Connection.id == connection.id, Connection.ramp_began_at.is_(None))
        .values(ramp_began_at=moment, updated_at=Connection.updated_at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(connection, ["ramp_began_at"])
    return bool(begun.rowcount == 1)  # type: ignore[attr-defined]
