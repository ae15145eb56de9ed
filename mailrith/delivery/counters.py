"""What a connection has carried in each window, counted in Valkey for all workers, and built from the ledger when lost.

Taken before the mark, in blocks of what a slice can mark at once. A full window is counted again from the ledger before
anybody waits for it: what a server refused was taken here, and is not held against the limit. By then the others have
marked what they took; a block that somebody has not marked even so is forgotten, so a limit is kept to one block a worker.
"""

from collections.abc import Sequence
from typing import Any

import redis

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import windows
from mailrith.delivery.entries import ticking
from mailrith.delivery.limits import Window

RECOUNT_SECONDS = 5.0  # of the ledger by one slice, at most so often
SETTLE_SECONDS = 1.0  # from a grant to its mark it takes milliseconds

# KEYS: a hash of buckets for each window. ARGV: now, wanted, then for each window: limit, width of a bucket, seconds.
# Gives how many may go now, which window (from 1) holds the rest back (0: none), the milliseconds until it lets go, and
# those since something was granted in it.
# A negative first number: this window has to be built from the ledger first.
_TAKE = """
local now, granted = tonumber(ARGV[1]), tonumber(ARGV[2])
local holds, wait, quiet = 0, 0, 0
for i, key in ipairs(KEYS) do
  local limit, width, seconds = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
  local all = redis.call('HGETALL', key)
  if #all == 0 then return {-1, i, 0, 0} end
  local used, first, taken = 0, nil, 0
  for j = 1, #all, 2 do
    local bucket = tonumber(all[j])
    if all[j] == 'taken' then
      taken = tonumber(all[j + 1])
    elseif bucket then
      if (bucket + 1) * width + seconds <= now then
        redis.call('HDEL', key, all[j])
      else
        used = used + tonumber(all[j + 1])
        if not first or bucket < first then first = bucket end
      end
    end
  end
  local room = math.max(0, limit - used)
  if room < granted then granted = room end
  if room == 0 then
    local left = ((first or math.floor(now / width)) + 1) * width + seconds - now
    if left > wait then holds, wait, quiet = i, left, math.max(0, now - taken) end
  end
end
if granted > 0 then
  for i, key in ipairs(KEYS) do
    local width, seconds = tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
    redis.call('HINCRBY', key, string.format('%d', math.floor(now / width)), granted)
    redis.call('HSET', key, 'taken', ARGV[1])
    redis.call('EXPIRE', key, seconds + 2 * width)
  end
end
return {granted, holds, math.ceil(wait * 1000), math.floor(quiet * 1000)}
"""

# KEYS: one hash. ARGV: 1 to replace what is there, seconds to live, then bucket and messages by turns.
_FILL = """
if ARGV[1] ~= '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'built', 1)
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""


class Counters:
    """The windows of one connection, as one slice asks for them. Reads the ledger with the session of the job."""

    def __init__(self, client: "redis.Redis", connection_id: int) -> None:
        self._take: Any = client.register_script(_TAKE)
        self._fill: Any = client.register_script(_FILL)
        self._connection = connection_id
        self._recounted_at: dict[Window, float] = {}

    def take(
        self, wanted: int, limited: Sequence[tuple[Window, int]]
    ) -> tuple[int, Window | None, float]:
        """(how many may go now, the window that holds the others back, seconds until it lets go).

        Raises redis.RedisError while Valkey is away.
        """
        for _ in range(2 * len(limited) + 1):  # each is built, and recounted, once at most
            granted, at, wait, quiet = self._ask(wanted, limited)
            window = limited[at - 1][0] if at else None
            if granted < 0 and window is not None:
                self._build(window, anew=False)
                continue
            if granted > 0 or window is None or not self._may_recount(window):
                break
            if quiet < SETTLE_SECONDS:
                wait = min(wait, SETTLE_SECONDS - quiet)
                break
            self._build(window, anew=True)
        return max(0, granted), window, wait

    def _ask(
        self, wanted: int, limited: Sequence[tuple[Window, int]]
    ) -> tuple[int, int, float, float]:
        numbers = [
            number
            for window, limit in limited
            for number in (limit, window.bucket_seconds, window.seconds)
        ]
        keys = [self._key(window) for window, _ in limited]
        granted, at, wait, quiet = self._take(keys=keys, args=[now().timestamp(), wanted, *numbers])
        return int(granted), int(at), int(wait) / 1000, int(quiet) / 1000

    def _may_recount(self, window: Window) -> bool:
        """Whether the ledger was not counted just now. A minute is over sooner than it is worth."""
        last = self._recounted_at.get(window)
        return window.cause is not None and (last is None or ticking() - last > RECOUNT_SECONDS)

    def _build(self, window: Window, *, anew: bool) -> None:
        if anew:
            self._recounted_at[window] = ticking()
        db.session.rollback()
        found = windows.buckets(self._connection, window)
        db.session.rollback()
        pairs = [number for pair in found.items() for number in pair]
        life = window.seconds + 2 * window.bucket_seconds
        self._fill(keys=[self._key(window)], args=[int(anew), life, *pairs])

    def _key(self, window: Window) -> str:
        return f"mailrith:window:{self._connection}:{window.name}"
