"""How fast and with how many sessions a connection may be used, agreed among all workers through Valkey.

Connections that the service counts as one (see `connections.limits.groups`) have one rate, one set of sessions and one count.

Valkey may forget at any moment: the per-second limit then begins afresh, longer windows are counted again from the ledger,
and shares are agreed on again within seconds.
"""

import math
import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis

from mailrith.connections.limits.receiver_limits import ReceiverLimit
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.delivery.pacing.backoff import Backoff
from mailrith.delivery.pacing.counters import Counters
from mailrith.delivery.pacing.limits import Group, Limits, Whose, Window, quotas
from mailrith.delivery.pacing.rates import Rate
from mailrith.delivery.pacing.sessions import Sessions, Share

PULSE_SECONDS = 8
_LATER = "mailrith:later"  # by when to go on
ASKED_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may go now; if fewer than asked for, how long to wait, and for which window (None: the rate)."""

    count: int
    wait_seconds: float
    window: Window | None = None


class Pace:
    """One slice's part of what its connection may do. `me` names the worker, which has one slice at a time."""

    def __init__(
        self,
        connection_id: int,
        run_id: int,
        me: str,
        *,
        workspace_id: int = 0,
        group: Group | None = None,
        receivers: Mapping[str, ReceiverLimit] | None = None,
    ) -> None:
        """`group` are all connections that are counted as one with this; `receivers` what a person set for groups of them."""
        self._client = queue.connect()
        self._rate = Rate(self._client)
        self._sessions = Sessions(self._client, me)
        self._counters = Counters(self._client)
        self.backoff = Backoff(self._client, connection_id, receivers, self._sessions)
        self._connection = connection_id
        self._run = run_id
        self._group = group or Group((connection_id,))
        self.name = Whose(self._group.connection_ids).name  # what all its users are counted under
        self._workspace = workspace_id

    def asks(self, limits: Limits) -> bool:
        """Whether `take` has anything to say, or to count."""
        return limits.any or bool(self._group.windows or self._group.shared)

    def take(self, wanted: int, limits: Limits) -> Grant:
        """Ask for `wanted` messages under the limits. While Valkey is away nothing is granted."""
        try:
            rated = self._take_rated(wanted, limits.per_second)
            counted = quotas(limits, self._group, self._workspace)
            if not rated.count or not counted:
                return rated
            count, window, wait = self._counters.take(rated.count, counted)
        except redis.RedisError:
            return Grant(0, 1.0)
        return Grant(count, wait, window) if count < rated.count else rated

    def later(self, seconds: float) -> None:
        """Nobody need work on this route of the run for so long. Then `woken` names it."""
        with suppress(redis.RedisError):
            self._client.set(
                _pulse(self._run, self._connection), 1, ex=math.ceil(seconds) + PULSE_SECONDS
            )
            self._client.zadd(
                _LATER, {_joined((self._run, self._connection)): now().timestamp() + seconds}
            )

    def _take_rated(self, wanted: int, per_second: int | None) -> Grant:
        if per_second is None:
            return Grant(wanted, 0.0)
        return Grant(*self._rate.take(f"mailrith:pace:{self.name}", wanted, per_second))

    def share(
        self, *, is_open: int, wanted: int, most: int, fitting: int = 0, warm: int = 0
    ) -> Share | None:
        """How many sessions this slice may have in use, of `most` for everybody. None while Valkey is away.

        Of `warm` ones that wait beside the `is_open` it can use `fitting`.
        """
        try:
            self._client.set(_pulse(self._run, self._connection), 1, ex=PULSE_SECONDS)
            return self._sessions.share(
                self.name, is_open=is_open, wanted=wanted, most=most, fitting=fitting, warm=warm
            )
        except redis.RedisError:
            return None

    def leave(self, warm: int = 0) -> None:
        """Give the sessions back, but for those that stay warm. If Valkey is away, they run out by themselves."""
        with suppress(redis.RedisError):
            self._sessions.stay(self.name, warm)
            self._sessions.leave()
        self._client.close()


def missed(work: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """What nobody has worked on for a while, each named at most once in a quarter of a minute.

    `work` is (run id,) of freezes and (run id, connection id) of slices.

    Raises redis.RedisError when Valkey is away.
    """
    client = queue.connect()
    try:
        return [
            ids
            for ids in work
            if not client.exists(_pulse(*ids))
            and client.set(f"mailrith:asked:{_joined(ids)}", 1, nx=True, ex=ASKED_SECONDS)
        ]
    finally:
        client.close()


def woken() -> list[tuple[int, int]]:
    """(run id, connection id) of what has waited long enough, each once. Nothing while Valkey is away: it is missed then."""
    client = queue.connect()
    try:
        due: Any = client.zrangebyscore(_LATER, "-inf", now().timestamp())
        mine = [name.decode().split(":") for name in due if client.zrem(_LATER, name)]
        # Those who waited for one limit wake at one moment; whoever is first may take all of it, so it is not always the same.
        random.shuffle(mine)
        return [(int(run), int(connection)) for run, connection in mine]
    except redis.RedisError:
        return []
    finally:
        client.close()


def _pulse(*ids: int) -> str:
    return f"mailrith:pulse:{_joined(ids)}"


def _joined(ids: Iterable[int]) -> str:
    return ":".join(map(str, ids))
