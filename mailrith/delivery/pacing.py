"""How fast and with how many sessions a connection may be used, agreed among all workers through Valkey.

Valkey may forget at any moment: the per-second limit then begins afresh, longer windows are counted again from the ledger,
and shares are agreed on again within seconds.
"""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.delivery.backoff import Backoff
from mailrith.delivery.counters import Counters
from mailrith.delivery.limits import Limits, Window
from mailrith.delivery.rates import Rate

SHARE_SECONDS = 10  # a worker that is silent for so long does not count any more
PULSE_SECONDS = 8
_LATER = "mailrith:later"  # by when to go on
ASKED_SECONDS = 15

# Sessions of one connection. KEYS: members (by expiry), held (sessions of each). ARGV: me, open now, wanted, at most, seconds.
# Gives how many I may have open: my share, and never more than what the others leave.
_SHARE = """
local now = tonumber(redis.call('TIME')[1])
local me, open, wanted, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[5]), me)
local members = redis.call('ZCARD', KEYS[1])
local others, all = 0, redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if all[i] ~= me then others = others + tonumber(all[i + 1]) end
end
local share = math.max(1, math.ceil(most / members))
local allowed = math.max(0, math.min(wanted, share, most - others))
redis.call('HSET', KEYS[2], me, math.max(allowed, open))
redis.call('EXPIRE', KEYS[1], 60)
redis.call('EXPIRE', KEYS[2], 60)
return allowed
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may go now; if fewer than asked for, how long to wait, and for which window (None: the rate)."""

    count: int
    wait_seconds: float
    window: Window | None = None


class Pace:
    """One slice's part of what its connection may do. `me` names the slice."""

    def __init__(self, connection_id: int, run_id: int, me: str) -> None:
        self._client = queue.connect()
        self._rate = Rate(self._client)
        self._share: Any = self._client.register_script(_SHARE)
        self._counters = Counters(self._client, connection_id)
        self.backoff = Backoff(self._client, connection_id)  # of groups of receivers
        self._connection = connection_id
        self._run = run_id
        self._me = me

    def take(self, wanted: int, limits: Limits) -> Grant:
        """Ask for `wanted` messages under the limits. While Valkey is away nothing is granted."""
        try:
            rated = self._take_rated(wanted, limits.per_second)
            if not rated.count or not limits.windows:
                return rated
            count, window, wait = self._counters.take(rated.count, limits.windows)
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
        return Grant(*self._rate.take(f"mailrith:pace:{self._connection}", wanted, per_second))

    def share(self, *, is_open: int, wanted: int, most: int) -> int | None:
        """How many sessions this slice may have open, of `most` for everybody. None while Valkey is away."""
        keys = [f"mailrith:senders:{self._connection}", f"mailrith:sessions:{self._connection}"]
        try:
            self._client.set(_pulse(self._run, self._connection), 1, ex=PULSE_SECONDS)
            return int(
                self._share(keys=keys, args=[self._me, is_open, wanted, most, SHARE_SECONDS])
            )
        except redis.RedisError:
            return None

    def leave(self) -> None:
        """Give the sessions back. If Valkey is away, they run out by themselves."""
        with suppress(redis.RedisError):
            self._client.zrem(f"mailrith:senders:{self._connection}", self._me)
            self._client.hdel(f"mailrith:sessions:{self._connection}", self._me)
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
        return [(int(run), int(connection)) for run, connection in mine]
    except redis.RedisError:
        return []
    finally:
        client.close()


def _pulse(*ids: int) -> str:
    return f"mailrith:pulse:{_joined(ids)}"


def _joined(ids: Iterable[int]) -> str:
    return ":".join(map(str, ids))
