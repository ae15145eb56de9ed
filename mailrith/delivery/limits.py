"""How much a connection may carry: a rate, and windows that roll.

A day is always the last 24 hours, a month the last 30 days.
"""

from dataclasses import dataclass
from typing import Any

from mailrith.delivery.models import Pause


@dataclass(frozen=True, slots=True)
class Window:
    """`bucket_seconds` is how finely it rolls. `cause` is that of a run that rests for it; None: nobody rests so shortly."""

    name: str
    seconds: int
    bucket_seconds: int
    cause: Pause | None = None


MINUTE = Window("minute", 60, 1)
HOUR = Window("hour", 3600, 60, Pause.HOURLY_LIMIT)
DAY = Window("day", 24 * 3600, 15 * 60, Pause.DAILY_LIMIT)
MONTH = Window("month", 30 * 24 * 3600, 12 * 3600, Pause.MONTHLY_LIMIT)


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages in each window; None is no limit."""

    per_second: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    per_month: int | None = None

    @property
    def windows(self) -> tuple[tuple[Window, int], ...]:
        """Those that are limited, the shortest first; a second is no window but a rate."""
        all_of_them = (
            (MINUTE, self.per_minute),
            (HOUR, self.per_hour),
            (DAY, self.per_day),
            (MONTH, self.per_month),
        )
        return tuple((window, limit) for window, limit in all_of_them if limit is not None)

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        longer = self.per_minute or self.per_hour or self.per_day or self.per_month
        return (self.per_second or longer) is not None


def limits_of(row: Any) -> Limits:
    """The limits of a connection, or of a row with its columns."""
    return Limits(row.per_second, row.per_minute, row.per_hour, row.per_day, row.per_month)
