"""When a broadcast will be through: by the same windows that hold the sending back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailrith.connections.limits import days, shares
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits.ramps import Ramp, ramp_of
from mailrith.connections.models import Connection
from mailrith.connections.routing import Way
from mailrith.core.clock import now
from mailrith.delivery.pacing import receiving, windows
from mailrith.delivery.pacing.limits import BOUNDLESS, DAY, WHOLE, Window
from mailrith.delivery.pacing.receiving import Receivers
from mailrith.subscribers.audience import Audience

SECONDS_A_DAY = 24 * 3600
MOST_ROUNDS = 1_000_000  # of a day are beyond what anybody waits for, and what a calendar holds
FAR = MOST_ROUNDS * SECONDS_A_DAY


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


@dataclass(frozen=True)
class Allotment:
    """A limited window: what of it is left now, when it is fresh again, and the warm-up that makes it grow."""

    window: Window
    limit: int
    left: int
    fresh_in: float  # seconds
    moment: datetime
    part: float = 1.0  # of the connection's limit, where a workspace has a share
    ramp: Ramp | None = None

    def limit_at(self, seconds: float) -> int:
        """What a fresh window holds in so many seconds."""
        moment = self.moment + timedelta(seconds=min(seconds, FAR))
        warm = self.ramp.allowance(moment) if self.ramp else None
        return self.limit if warm is None else max(1, min(self.limit, int(warm * self.part)))

    def grows_after(self, seconds: float) -> bool:
        """Whether a warm-up lets more go later than in so many seconds."""
        if self.ramp is None:
            return False
        return self.ramp.allowance(self.moment + timedelta(seconds=seconds)) is not None

    def again(self, seconds: float, rounds: int = 1) -> float:
        """In how many seconds a window that is fresh in `seconds` is so again, after so many rounds."""
        zone, rounds = self.window.zone, min(rounds, MOST_ROUNDS)
        if not zone or not rounds:
            return seconds + rounds * self.window.seconds
        day = days.day_of(self.moment + timedelta(seconds=seconds), zone)
        return (days.begins(day + timedelta(days=rounds), zone) - self.moment).total_seconds()

    def fresh(self, seconds: float) -> "Allotment":
        """The window as it will be in so many seconds, when nothing was sent in it."""
        moment = self.moment + timedelta(seconds=min(seconds, FAR))
        fresh_in = (self.window.empty_at(moment) - moment).total_seconds()
        room = self.limit_at(seconds)
        return Allotment(self.window, self.limit, room, fresh_in, moment, self.part, self.ramp)


def parts_of(way: Way, people: int) -> list[Part]:
    """Who carries how many of them."""
    return [Part(one.connection, way.share(one, people)) for one in way.carriers]


def left_today(connection: Connection, workspace_id: int) -> int | None:
    """How many messages of the workspace the connection still takes today; None without a limit of a day or a month."""
    return _left_today(_allotments(connection, workspace_id, now()))


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
    allotments = _allotments(part.connection, workspace_id, moment)
    rate, people = part.connection.per_second, part.people
    seconds = _seconds(people, allotments, rate) if allotments or rate else None
    left = _left_today(allotments)
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
        return 1 + int(seconds // SECONDS_A_DAY)
    end = moment + timedelta(seconds=min(seconds, FAR))
    return 1 + (days.day_of(end, zone) - days.day_of(moment, zone)).days


def _allotments(connection: Connection, workspace_id: int, moment: datetime) -> list[Allotment]:
    """The longest window first; of a group's and a share's the one with less left."""
    ramp = _ramp(connection, moment)
    best: dict[str, Allotment] = {}
    for quota in windows.quotas_of(connection, workspace_id, moment):
        day = quota.window.name == DAY.name
        part = 1.0 if quota.whose.workspace_id is None else _part(connection, workspace_id)
        free = (quota.window.empty_at(moment) - moment).total_seconds()
        left = max(0, quota.limit - windows.used(quota, moment))
        limit = quota.limit
        if day and ramp:  # which does not hold for ever
            limit = max(1, int((connection.per_day or BOUNDLESS) * part))
        one = Allotment(quota.window, limit, left, free, moment, part, ramp if day else None)
        known = best.get(quota.window.name)
        if known is None or one.left < known.left:
            best[quota.window.name] = one
    return sorted(best.values(), key=lambda one: -one.window.seconds)


def _ramp(connection: Connection, moment: datetime) -> Ramp | None:
    """The warm-up, which begins now if it has not yet."""
    found = ramp_of(connection)
    return replace(found, began_at=found.began_at or moment) if found else None


def _part(connection: Connection, workspace_id: int) -> float:
    return (shares.share_of(connection.id, workspace_id) or WHOLE) / WHOLE


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
    rest, waited = people - longest.left, longest.fresh_in
    while rest > (room := longest.limit_at(waited)) and longest.grows_after(waited):
        rest, waited = rest - room, longest.again(waited)
    rounds = -(-rest // room) - 1
    waited = longest.again(waited, rounds)
    fresh = [one.fresh(waited) for one in shorter]
    return max(alone, waited + _seconds(rest - rounds * room, fresh, per_second))


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
