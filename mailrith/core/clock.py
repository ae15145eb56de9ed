"""The one place that asks what time it is, so that a test can set it."""

import time
from datetime import UTC, datetime

# Also counts while the machine sleeps, where the system can say so.
_DEADLINES = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def ticking() -> float:
    """Seconds on the clock of deadlines: never set back."""
    return time.clock_gettime(_DEADLINES)


def span(seconds: float) -> str:
    """A length of time in one unit, rounded: "4 minutes"."""
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit * 0.99:
            return _counted(max(1, round(seconds / unit)), name)
    return _counted(max(1, round(seconds)), "second")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count:,} {unit}s"
