"""What connections have carried in each window, counted in Valkey for all workers, and built from the ledger when lost.

Taken before the mark, in blocks of what a slice can mark at once. A full window is counted again from the ledger before
anybody waits for it: what a server refused was taken here, and is not held against the limit. By then the others have
marked what they took; a block that somebody has not marked even so is forgotten, so a limit is kept to one block a worker.
"""

from collections.abc import Sequence
from typing import Any

import redis

from mailrith.core.clock import now, ticking
from mailrith.core.db import db
from mailrith.delivery.pacing import windows
from mailrith.delivery.pacing.limits import Quota, Window

RECOUNT_SECONDS = 5.0  # of the ledger by one slice, at most so often
SETTLE_SECONDS = 1.0  # from a grant to its mark it takes milliseconds

# KEYS: a hash of buckets for each quota. ARGV: now, wanted, then for each: limit, width of a bucket, since when messages
# count, when all of them will not any more (0: it rolls), seconds to live.
# Gives how many may go now, which quota (from 1) holds the rest back (0: none), the milliseconds until it lets go, and
# those since something was granted in it.
# A negative first number: this quota has to be built from the ledger first.
_TAKE = """
local now, granted = tonumber(ARGV[1]), tonumber(ARGV[2])
local holds, wait, quiet = 0, 0, 0
for i, key in ipairs(KEYS) do
  local limit, width, since, ends = tonumber(ARGV[5 * i - 2]), tonumber(ARGV[5 * i - 1]), tonumber(ARGV[5 * i]), tonumber(ARGV[5 * i + 1])
  local all = redis.call('HGETALL', key)
  if #all == 0 then return {-1, i, 0, 0} end
  local used, first, taken = 0, nil, 0
  for j = 1, #all, 2 do
    local bucket = tonumber(all[j])
    if all[j] == 'taken' then
      taken = tonumber(all[j + 1])
    elseif bucket then
      if (bucket + 1) * width <= since then
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
    local left = ends - now
    if ends == 0 then left = ((first or math.floor(now / width)) + 1) * width - since end
    if left > wait then holds, wait, quiet = i, left, math.max(0, now - taken) end
  end
end
if granted > 0 then
  for i, key in ipairs(KEYS) do
    local width = tonumber(ARGV[5 * i - 1])
    redis.call('HINCRBY', key, string.format('%d', math.floor(now / width)), granted)
    redis.call('HSET', key, 'taken', ARGV[1])
    redis.call('EXPIRE', key, ARGV[5 * i + 2])
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
    """The windows of a limit group, as one slice asks for them. Reads the ledger with the session of the job."""

    def __init__(self, client: "redis.Redis") -> None:
        self._take: Any = client.register_script(_TAKE)
        self._fill: Any = client.register_script(_FILL)
        self._recounted_at: dict[str, float] = {}

    def take(self, wanted: int, quotas: Sequence[Quota]) -> tuple[int, Window | None, float]:
        """(how many may go now, the window that holds the others back, seconds until it lets go).

        Raises redis.RedisError while Valkey is away.
        """
        for _ in range(2 * len(quotas) + 1):  # each is built, and recounted, once at most
            granted, at, wait, quiet = self._ask(wanted, quotas)
            full = quotas[at - 1] if at else None
            if granted < 0 and full is not None:
                self._build(full, anew=False)
                continue
            if granted > 0 or full is None or not self._may_recount(full):
                break
            if quiet < SETTLE_SECONDS:
                wait = min(wait, SETTLE_SECONDS - quiet)
                break
            self._build(full, anew=True)
        return max(0, granted), full.window if full else None, wait

    def _ask(self, wanted: int, quotas: Sequence[Quota]) -> tuple[int, int, float, float]:
        moment = now()
        numbers: list[float] = []
        for quota in quotas:
            window = quota.window
            ends = window.empty_at(moment).timestamp() if window.zone else 0
            since = window.since(moment).timestamp()
            numbers += [quota.limit, window.bucket_seconds, since, ends, _life(window)]
        keys = [_key(quota) for quota in quotas]
        granted, at, wait, quiet = self._take(
            keys=keys, args=[moment.timestamp(), wanted, *numbers]
        )
        return int(granted), int(at), int(wait) / 1000, int(quiet) / 1000

    def _may_recount(self, quota: Quota) -> bool:
        """Whether the ledger was not counted just now. A minute is over sooner than it is worth."""
        last = self._recounted_at.get(quota.name)
        return quota.window.cause is not None and (
            last is None or ticking() - last > RECOUNT_SECONDS
        )

    def _build(self, quota: Quota, *, anew: bool) -> None:
        if anew:
            self._recounted_at[quota.name] = ticking()
        db.session.rollback()
        found = windows.buckets(quota)
        db.session.rollback()
        pairs = [number for pair in found.items() for number in pair]
        self._fill(keys=[_key(quota)], args=[int(anew), _life(quota.window), *pairs])


def _key(quota: Quota) -> str:
    return f"mailrith:window:{quota.name}"


def _life(window: Window) -> int:
    """Seconds; the longest day of a zone has 25 hours."""
    return window.seconds + 2 * window.bucket_seconds + (3600 if window.zone else 0)
