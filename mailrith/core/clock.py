"""The one place that asks what time it is, so that a test can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def span(seconds: float) -> str:
    """A length of time in one unit, rounded: "4 minutes"."""
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit * 0.99:
            return _counted(max(1, round(seconds / unit)), name)
    return _counted(max(1, round(seconds)), "second")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count:,} {unit}s"
