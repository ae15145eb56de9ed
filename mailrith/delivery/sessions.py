"""How many of something that is open at once each slice may have, agreed among all workers through Valkey."""

from typing import Any

import redis

SHARE_SECONDS = 10  # a worker that is silent for so long does not count any more

# KEYS: members (by expiry), held (sessions of each). ARGV: me, open now, wanted, at most, seconds.
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


class Sessions:
    """The part of one slice, which `me` names. Raises redis.RedisError while Valkey is away."""

    def __init__(self, client: "redis.Redis", me: str) -> None:
        self._client = client
        self._share: Any = client.register_script(_SHARE)
        self._me = me
        self._asked: set[str] = set()

    def share(self, name: str, *, is_open: int, wanted: int, most: int) -> int:
        """How many this slice may have open, of `most` for everybody who asks by this name."""
        self._asked.add(name)
        args = [self._me, is_open, wanted, most, SHARE_SECONDS]
        return int(self._share(keys=list(_keys(name)), args=args))

    def leave(self) -> None:
        """Give all of them back."""
        for name in self._asked:
            members, held = _keys(name)
            self._client.zrem(members, self._me)
            self._client.hdel(held, self._me)
        self._asked.clear()


def _keys(name: str) -> tuple[str, str]:
    return f"mailrith:senders:{name}", f"mailrith:sessions:{name}"
