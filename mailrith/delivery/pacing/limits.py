"""How much a connection may carry: a rate, and windows that roll, or days that begin at midnight of a time zone.

A day is the last 24 hours unless a zone is named, a month always the last 30 days.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mailrith.connections.limits import days
from mailrith.connections.limits.ramps import ramp_of
from mailrith.core.clock import now
from mailrith.delivery.models import Pause

WHOLE = 100  # per cent
BOUNDLESS = 10**12  # messages: a window that is only counted


@dataclass(frozen=True, slots=True)
class Window:
    """`bucket_seconds` is how finely it rolls. `cause` is that of a run that rests for it; None: nobody rests so shortly.

    zone: its day begins at midnight there; empty: it rolls.
    """

    name: str
    seconds: int
    bucket_seconds: int
    cause: Pause | None = None
    zone: str = ""

    def since(self, moment: datetime) -> datetime:
        """From when on messages count at that moment."""
        return (
            days.began(moment, self.zone) if self.zone else moment - timedelta(seconds=self.seconds)
        )

    def empty_at(self, moment: datetime) -> datetime:
        """When nothing that was sent up to that moment counts any more."""
        return (
            days.ends(moment, self.zone) if self.zone else moment + timedelta(seconds=self.seconds)
        )


MINUTE = Window("minute", 60, 1)
HOUR = Window("hour", 3600, 60, Pause.HOURLY_LIMIT)
# Every zone's midnight is a multiple of a quarter of an hour since 1970.
DAY = Window("day", 24 * 3600, 15 * 60, Pause.DAILY_LIMIT)
MONTH = Window("month", 30 * 24 * 3600, 12 * 3600, Pause.MONTHLY_LIMIT)


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages in each window; None is no limit.

    `share` is how much of the long windows the workspace may use, in per cent; None is all of it.
    """

    per_second: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    per_month: int | None = None
    day_zone: str = ""
    share: int | None = None

    @property
    def windows(self) -> tuple[tuple[Window, int], ...]:
        """Those that are limited, the shortest first; a second is no window but a rate."""
        all_of_them = (
            (MINUTE, self.per_minute),
            (HOUR, self.per_hour),
            (replace(DAY, zone=self.day_zone) if self.day_zone else DAY, self.per_day),
            (MONTH, self.per_month),
        )
        return tuple((window, limit) for window, limit in all_of_them if limit is not None)

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        longer = self.per_minute or self.per_hour or self.per_day or self.per_month
        return (self.per_second or longer) is not None


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose messages are counted together: those of these connections, or only what one workspace sends through them."""

    connection_ids: tuple[int, ...]
    workspace_id: int | None = None

    @property
    def name(self) -> str:
        """For the names of counters; a group of other members counts anew."""
        ids = ".".join(map(str, self.connection_ids))
        return ids if self.workspace_id is None else f"{ids}:w{self.workspace_id}"


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` messages of `whose` in the window."""

    window: Window
    limit: int
    whose: Whose

    @property
    def name(self) -> str:
        """Of its counter."""
        zone = f"@{self.window.zone}" if self.window.zone else ""
        return f"{self.whose.name}:{self.window.name}{zone}"


@dataclass(frozen=True, slots=True)
class Group:
    """The connections that the service counts as one, in the order of their ids.

    `windows` are those in which only others of them are limited, `shared` those of which only others give the workspace a
    share: what leaves has to be counted there too.
    """

    connection_ids: tuple[int, ...]
    windows: tuple[Window, ...] = ()
    shared: tuple[Window, ...] = ()


def quotas(limits: Limits, group: Group, workspace_id: int) -> tuple[Quota, ...]:
    """All that has to be kept, and counted, by a slice of this workspace."""
    everybody = Whose(group.connection_ids)
    mine = Whose(group.connection_ids, workspace_id)
    own = dict(limits.windows)
    part = _parts(limits)
    found = [
        Quota(window, own.get(window, BOUNDLESS), everybody)
        for window in {**own, **dict.fromkeys(group.windows)}
    ]
    found += [
        Quota(window, part.get(window, BOUNDLESS), mine)
        for window in {**part, **dict.fromkeys(group.shared)}
    ]
    return tuple(found)


def shared_windows(limits: Limits) -> tuple[Window, ...]:
    """Those of which the workspace has a share only."""
    return tuple(_parts(limits))


def _parts(limits: Limits) -> dict[Window, int]:
    if limits.share is None:
        return {}
    return {
        window: max(1, limit * limits.share // WHOLE)
        for window, limit in limits.windows
        if window.cause is not None
    }


def limits_of(row: Any, share: int | None = None, moment: datetime | None = None) -> Limits:
    """The limits of a connection, or of a row with its columns, at that moment. While it warms up, a day is shorter."""
    ramp = ramp_of(row)
    warm = ramp.allowance(moment or now()) if ramp else None
    per_day = min((n for n in (row.per_day, warm) if n is not None), default=None)
    return Limits(
        row.per_second, row.per_minute, row.per_hour, per_day, row.per_month, row.day_zone, share
    )
