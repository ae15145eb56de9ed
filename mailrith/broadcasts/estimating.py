"""When a broadcast will be through, at the limits of its connection: the same windows that hold the sending back."""

from dataclasses import dataclass

from mailrith.connections.models import Connection
from mailrith.delivery import windows
from mailrith.delivery.limits import DAY, Window, limits_of

SECONDS_A_DAY = 24 * 3600


@dataclass(frozen=True)
class Estimate:
    """`seconds` until the last one has left, None without any limit; the server itself may be slower.

    `left_today` is what a limit of a day or a month leaves for today, None without one. `days` is over how many days these
    limits spread it; 1 is today.
    """

    people: int
    per_second: int | None
    seconds: float | None
    left_today: int | None
    days: int

    @property
    def left_after(self) -> int | None:
        """What the daily limit still allows afterwards, if it fits into today."""
        return None if self.left_today is None or self.days > 1 else self.left_today - self.people


@dataclass(frozen=True)
class Allotment:
    """A limited window, and what of it is left now."""

    window: Window
    limit: int
    left: int


def left_today(connection: Connection) -> int | None:
    """How many messages the connection still takes today; None without a limit of a day or a month."""
    return _left_today(_allotments(connection))


def estimate(connection: Connection, people: int) -> Estimate:
    """For so many people, when nothing else leaves through the connection meanwhile."""
    allotments = _allotments(connection)
    rate = connection.per_second
    seconds = _seconds(people, allotments, rate) if allotments or rate else None
    left = _left_today(allotments)
    spread = left is not None and people > left
    days = 1 + int(seconds // SECONDS_A_DAY) if spread and seconds else 1
    return Estimate(people, rate, seconds, left, days)


def _allotments(connection: Connection) -> list[Allotment]:
    """The longest window first."""
    limited = reversed(limits_of(connection).windows)
    return [
        Allotment(window, limit, max(0, limit - windows.used(connection.id, window)))
        for window, limit in limited
    ]


def _left_today(allotments: list[Allotment]) -> int | None:
    long = [one.left for one in allotments if one.window.seconds >= DAY.seconds]
    return min(long) if long else None


def _seconds(people: int, allotments: list[Allotment], per_second: int | None) -> float:
    """The longest window fills, and is waited for, again and again; the rest, and the whole, go as the shorter ones allow."""
    if not allotments:
        return people / per_second if per_second else 0.0
    longest, *shorter = allotments
    alone = _seconds(people, shorter, per_second)
    if people <= longest.left:
        return alone
    rounds = -(-(people - longest.left) // longest.limit)
    rest = people - longest.left - (rounds - 1) * longest.limit
    fresh = [Allotment(one.window, one.limit, one.limit) for one in shorter]
    return max(alone, rounds * longest.window.seconds + _seconds(rest, fresh, per_second))
