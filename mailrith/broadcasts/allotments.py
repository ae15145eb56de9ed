"""What the limited windows of a connection leave a workspace, now and later, and how long so many people need with that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate

from mailrith.connections.limits import days, shares
from mailrith.connections.limits.ramps import Ramp, ramp_of
from mailrith.connections.models import Connection
from mailrith.delivery.pacing import windows
from mailrith.delivery.pacing.limits import BOUNDLESS, DAY, WHOLE, Quota, Window

SECONDS_A_DAY = 24 * 3600
MOST_ROUNDS = 1_000_000  # of a day are beyond what anybody waits for, and what a calendar holds
FAR = MOST_ROUNDS * SECONDS_A_DAY  # seconds


@dataclass(frozen=True)
class Allotment:
    """A limited window: what of it is left now, when what was sent leaves it, and the warm-up that makes it grow.

    `leaving`: after how many seconds how many messages have left it, in order, of those that have to before it lets more go.
    """

    window: Window
    limit: int
    left: int
    moment: datetime
    leaving: Sequence[tuple[float, int]] = ()
    part: float = 1.0  # of the connection's limit, where a workspace has a share
    ramp: Ramp | None = None

    def free_in(self, people: int) -> float:
        """After how many seconds the window, full as it will be in a moment, has let so many more go."""
        for seconds, messages in self.leaving:
            if messages >= people:
                return seconds
        return (self.window.empty_at(self.moment) - self.moment).total_seconds()

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
        room = self.limit_at(seconds)
        return Allotment(self.window, self.limit, room, moment, part=self.part, ramp=self.ramp)


def allotments_of(connection: Connection, workspace_id: int, moment: datetime) -> list[Allotment]:
    """The longest window first; of a group's and a share's the one with less left."""
    ramp = _ramp(connection, moment)
    best: dict[str, Allotment] = {}
    for quota in windows.quotas_of(connection, workspace_id, moment):
        part = 1.0 if quota.whose.workspace_id is None else _part(connection, workspace_id)
        found = _allotment(quota, connection, moment, part, ramp)
        known = best.get(quota.window.name)
        if known is None or found.left < known.left:
            best[quota.window.name] = found
    return sorted(best.values(), key=lambda one: -one.window.seconds)


def left_today(found: Sequence[Allotment]) -> int | None:
    """What limits of a day or longer leave; None without one."""
    long = [one.left for one in found if one.window.seconds >= DAY.seconds]
    return min(long) if long else None


def seconds(people: int, found: Sequence[Allotment], per_second: int | None) -> float:
    """The longest window fills, and is waited for, again and again; the rest, and the whole, go as the shorter ones allow."""
    if not found:
        return people / per_second if per_second else 0.0
    longest, *shorter = found
    alone = seconds(people, shorter, per_second)
    if people <= longest.left:
        return alone
    rest, waited = people - longest.left, longest.free_in(1)
    while rest > (room := longest.limit_at(waited)) and longest.grows_after(waited):
        rest, waited = rest - room, longest.again(waited)
    rounds = -(-rest // room) - 1
    waited = longest.again(waited, rounds)
    last = rest - rounds * room
    fresh = [one.fresh(waited) for one in shorter]
    # What was sent bit by bit leaves bit by bit.
    trickle = longest.free_in(last) - longest.free_in(1)
    return max(alone, waited + max(trickle, seconds(last, fresh, per_second)))


def _allotment(
    quota: Quota, connection: Connection, moment: datetime, part: float, ramp: Ramp | None
) -> Allotment:
    day, limit = quota.window.name == DAY.name, quota.limit
    leaving, used = _leaving(quota, moment)
    if day and ramp:  # which does not hold for ever
        limit = max(1, int((connection.per_day or BOUNDLESS) * part))
    left = max(0, quota.limit - used)
    return Allotment(quota.window, limit, left, moment, leaving, part, ramp if day else None)


def _leaving(quota: Quota, moment: datetime) -> tuple[list[tuple[float, int]], int]:
    """What has left the window after how many seconds, beyond what is too much in it; and how many are in it."""
    window = quota.window
    if window.zone:
        return [], windows.used(quota, moment)
    found = sorted(windows.buckets(quota).items())
    used = sum(messages for _, messages in found)
    surplus = max(0, used - quota.limit)
    ends = [(number + 1) * window.bucket_seconds + window.seconds for number, _ in found]
    gone = accumulate(messages for _, messages in found)
    since = moment.timestamp()
    return [(end - since, n - surplus) for end, n in zip(ends, gone, strict=True)], used


def _ramp(connection: Connection, moment: datetime) -> Ramp | None:
    """The warm-up, which begins now if it has not yet."""
    found = ramp_of(connection)
    return replace(found, began_at=found.began_at or moment) if found else None


def _part(connection: Connection, workspace_id: int) -> float:
    return (shares.share_of(connection.id, workspace_id) or WHOLE) / WHOLE
