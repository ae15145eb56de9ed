"""A rate that all workers keep together, in Valkey."""

from typing import Any

import redis

# Generic cell rate algorithm: one key holds when the next message would be due. KEYS: due. ARGV: per second, wanted, burst,
# late: a part of the interval by which one may ask late and lose nothing.
# Gives how many may go now, and the microseconds until the next one may.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local interval = 1000000 / tonumber(ARGV[1])
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
if due < now then due = now end
local ahead = (tonumber(ARGV[3]) + tonumber(ARGV[4])) * interval
local free = math.floor((ahead - (due - now)) / interval + 0.000001)
local granted = math.max(0, math.min(tonumber(ARGV[2]), free))
due = due + granted * interval
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
end
return {granted, math.max(0, math.ceil(due - now - ahead + interval))}
"""
LATE = 0.1  # of the time between two messages: a timer is never exactly on time


class Rate:
    """The rates of one client; each `key` is one. Raises redis.RedisError while Valkey is away."""

    def __init__(self, client: "redis.Redis") -> None:
        self._take: Any = client.register_script(_TAKE)

    def take(self, key: str, wanted: int, per_second: float) -> tuple[int, float]:
        """(how many may go now, seconds until it is worth asking again). A tenth of a second's worth may go at once.

        Who was granted something is told to wait longer, so that those who ask at the same moments have their turns.
        """
        burst = max(1, int(per_second // 10))
        granted, wait = self._take(keys=[key], args=[per_second, wanted, burst, LATE])
        patience = max(LATE, burst // 2) / per_second if granted else 0.0
        return int(granted), int(wait) / 1e6 + patience
