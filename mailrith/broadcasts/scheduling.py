"""From the clock on the wall to an instant. Twice a year that is a question, and the person is asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Twice:
    """The clocks go back and show this time twice. Both are aware, in the zone asked about."""

    first: datetime
    second: datetime


@dataclass(frozen=True)
class Skipped:
    """The clocks go forward over this time. The neighbours are as far from the jump as the time that was asked for."""

    before: datetime
    after: datetime


def instant(day: date, at: time, zone: str) -> datetime | Twice | Skipped:
    """When a clock in `zone` shows this; aware, in that zone. Seconds are dropped."""
    info = ZoneInfo(zone)
    wall = datetime.combine(day, at.replace(second=0, microsecond=0, tzinfo=None))
    early = wall.replace(tzinfo=info, fold=0)
    late = wall.replace(tzinfo=info, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    if _shows(early, wall):
        return Twice(early, late)
    # With the offset of the other side of the jump the time exists: one lies before it, one after.
    return Skipped(
        before=late.astimezone(UTC).astimezone(info), after=early.astimezone(UTC).astimezone(info)
    )


def _shows(moment: datetime, wall: datetime) -> bool:
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None, fold=0) == wall
