"""When a broadcast will be through: by the same windows that hold the sending back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailrith.broadcasts import allotments
from mailrith.connections.limits import days
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits.ramps import ramp_of
from mailrith.connections.models import Connection
from mailrith.connections.routing import Way
from mailrith.core.clock import now
from mailrith.delivery.pacing import receiving
from mailrith.delivery.pacing.receiving import Receivers
from mailrith.subscribers.audience import Audience


@dataclass(frozen=True)
class Part:
    """What one connection is to carry."""

    connection: Connection
    people: int


@dataclass(frozen=True)
class Estimate:
    """`seconds` until the last one has left, None without any limit; the server itself may be slower.

    `left_today` is what limits of a day or a month leave for today, None without one. `days` is over how many days these
    limits spread it; 1 is today. `warming_up`: a warm-up is among them. `slowest` is the group of receivers that needs
    longer than everybody else, if one does.
    """

    people: int
    per_second: int | None
    seconds: float | None
    left_today: int | None
    days: int
    warming_up: bool = False
    slowest: Receivers | None = None

    @property
    def left_after(self) -> int | None:
        """What the daily limit still allows afterwards, if it fits into today."""
        return None if self.left_today is None or self.days > 1 else self.left_today - self.people


def parts_of(way: Way, people: int) -> list[Part]:
    """Who carries how many of them."""
    return [Part(one.connection, way.share(one, people)) for one in way.carriers]


def estimate(
    workspace_id: int, parts: Sequence[Part], audience: Audience | None = None
) -> Estimate:
    """For all parts at once, when nothing else leaves through these connections meanwhile.

    Parts that are one account at the service follow one another. With the audience also what receivers get at most.
    """
    moment = now()
    found = [_of_account(workspace_id, parts_, moment) for parts_ in _accounts(parts)]
    known = [one.seconds for one in found if one.seconds is not None]
    lefts = [one.left_today for one in found]
    slowest = _slowest(workspace_id, parts, audience)
    seconds = max(known) if known else None
    if slowest is not None and slowest.seconds > (seconds or 0.0):
        seconds = slowest.seconds
    else:
        slowest = None
    rates = [one.per_second for one in found]
    return Estimate(
        people=sum(part.people for part in parts),
        per_second=sum(n for n in rates if n) if rates and all(rates) else None,
        seconds=seconds,
        left_today=sum(n or 0 for n in lefts) if lefts and None not in lefts else None,
        days=max((one.days for one in found), default=1),
        warming_up=any(one.warming_up for one in found),
        slowest=slowest,
    )


def _accounts(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts whose connections the service counts as one, together."""
    found: dict[tuple[int, ...], list[Part]] = {}
    for part in parts:
        found.setdefault(limit_groups.members(part.connection), []).append(part)
    return list(found.values())


def _of_account(workspace_id: int, parts: Sequence[Part], moment: datetime) -> Estimate:
    """One after another, by the strictest of them."""
    people = sum(part.people for part in parts)
    each = [_of_one(workspace_id, Part(part.connection, people), moment) for part in parts]
    return max(each, key=lambda one: one.seconds or 0.0)


def _of_one(workspace_id: int, part: Part, moment: datetime) -> Estimate:
    found = allotments.allotments_of(part.connection, workspace_id, moment)
    rate, people = part.connection.per_second, part.people
    seconds = allotments.seconds(people, found, rate) if found or rate else None
    left = allotments.left_today(found)
    spread = left is not None and people > left
    ramp = ramp_of(part.connection)
    return Estimate(
        people,
        rate,
        seconds,
        left,
        days=_days(part.connection.day_zone, moment, seconds) if spread and seconds else 1,
        warming_up=ramp is not None and ramp.allowance(moment) is not None,
    )


def _days(zone: str, moment: datetime, seconds: float) -> int:
    """On how many days something leaves: days of the zone, or of 24 hours."""
    if not zone:
        return 1 + int(seconds // allotments.SECONDS_A_DAY)
    end = moment + timedelta(seconds=min(seconds, allotments.FAR))
    return 1 + (days.day_of(end, zone) - days.day_of(moment, zone)).days


def _slowest(
    workspace_id: int, parts: Sequence[Part], audience: Audience | None
) -> Receivers | None:
    """The receivers that take longest, by what they asked for and what somebody set for them."""
    if audience is None:
        return None
    whole = sum(part.people for part in parts)
    found = [
        one
        for part in parts
        if part.people
        for one in receiving.slow(part.connection, workspace_id, audience, part.people / whole)
    ]
    return max(found, key=lambda one: one.seconds, default=None)
