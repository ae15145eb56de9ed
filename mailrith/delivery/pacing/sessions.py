"""How many of something that is open at once each worker may have, agreed among all of them through Valkey.

What a worker has open counts until it has closed it, used or not: a session that stays warm after a slice is one at the server
too. Whoever gets fewer than its share says how many it lacks, and those who keep some warm close as many.
"""

from typing import Any, NamedTuple

import redis

SHARE_SECONDS = 10  # a worker that is silent for so long does not count any more

# KEYS: members (by expiry), held (sessions of each), lack (of each that sends: how many it misses).
_BEGIN = """
local now, me = tonumber(redis.call('TIME')[1]), ARGV[1]
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], gone)
  redis.call('HDEL', KEYS[2], gone)
  redis.call('HDEL', KEYS[3], gone)
end
local function others(key)
  local sum, all = 0, redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if all[i] ~= me then sum = sum + tonumber(all[i + 1]) end
  end
  return sum
end
local function hold(count)
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), me)
  redis.call('HSET', KEYS[2], me, count)
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 60) end
end
"""

# ARGV: me, seconds, in use now, wanted, at most, warm of this server, all warm.
# Gives how many I may use: my share, and never more than what the others leave; and how many warm ones are too many.
_SHARE = (
    _BEGIN
    + """
local open, wanted, most = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local fitting, warm = tonumber(ARGV[6]), tonumber(ARGV[7])
redis.call('HSETNX', KEYS[3], me, 0)
local share = math.max(1, math.ceil(most / redis.call('HLEN', KEYS[3])))
local left = most - others(KEYS[2])
local fair = math.min(wanted, share)
local mine = math.max(0, math.min(fair, left))
local lasting = warm - math.min(fitting, math.max(0, mine - open))
local all = math.max(mine, open) + lasting
local surplus = math.min(lasting, math.max(0, all - left, others(KEYS[3])))
hold(all)
redis.call('HSET', KEYS[3], me, fair - mine)
return {mine, surplus}
"""
)

# ARGV: me, seconds, all warm. Gives how many of them others lack. While I send, my slice speaks for all that I have.
_REST = (
    _BEGIN
    + """
if redis.call('HEXISTS', KEYS[3], me) == 1 then return 0 end
local warm = tonumber(ARGV[3])
if warm == 0 then
  redis.call('ZREM', KEYS[1], me)
  redis.call('HDEL', KEYS[2], me)
  return 0
end
hold(warm)
return math.min(warm, others(KEYS[3]))
"""
)


class Share(NamedTuple):
    """How many a slice may have in use, and how many of the warm ones that it will not use have to be closed before."""

    mine: int
    surplus: int = 0


class Sessions:
    """The part of one worker, which `me` names. Raises redis.RedisError while Valkey is away."""

    def __init__(self, client: "redis.Redis", me: str) -> None:
        self._client = client
        self._share: Any = client.register_script(_SHARE)
        self._rest: Any = client.register_script(_REST)
        self._me = me
        self._asked: set[str] = set()

    def share(
        self, name: str, *, is_open: int, wanted: int, most: int, fitting: int = 0, warm: int = 0
    ) -> Share:
        """What this worker's slice may have, of `most` for everybody who asks by this name.

        It uses `is_open` now. Of `warm` ones beside these it can use `fitting`.
        """
        self._asked.add(name)
        args = [self._me, SHARE_SECONDS, is_open, wanted, most, fitting, warm]
        return Share(*map(int, self._share(keys=_keys(name), args=args)))

    def rest(self, name: str, warm: int) -> int:
        """Say that `warm` ones stay open without a slice that uses them. Gives how many of them others want closed."""
        return int(self._rest(keys=_keys(name), args=[self._me, SHARE_SECONDS, warm]))

    def leave(self) -> None:
        """The slice is over: give back what was asked for. What stays warm has to be told by `rest`."""
        for name in self._asked:
            self._client.hdel(_keys(name)[2], self._me)
            self.rest(name, 0)
        self._asked.clear()

    def stay(self, name: str, warm: int) -> None:
        """As `leave`, but so many of this name stay open, and count all the time."""
        self._client.hdel(_keys(name)[2], self._me)
        self.rest(name, warm)
        self._asked.discard(name)


def _keys(name: str) -> tuple[str, str, str]:
    return tuple(f"mailrith:{what}:{name}" for what in ("senders", "sessions", "lacking"))  # type: ignore[return-value]
