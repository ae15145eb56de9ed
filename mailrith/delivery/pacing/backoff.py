"""Receivers that asked a connection to go slower, and how slow it goes now. All workers share it through Valkey.

A group of receivers (see `mailbox_providers`) that says so gets nothing for a while, then half of what it got, and each time
it says so again, half of that after twice the silence. Each minute without such an answer takes one step back, until it is
forgotten. When Valkey forgets, the group gets its mail at full speed and says so again. What a person set for a group holds
besides, whatever it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis

from mailrith.connections.limits.receiver_limits import ReceiverLimit
from mailrith.core.clock import now
from mailrith.delivery.pacing.mailbox_providers import known_group
from mailrith.delivery.pacing.rates import Rate
from mailrith.delivery.pacing.sessions import Sessions

LOWEST_RATE = 0.2  # a second: one message in five seconds finds out whether it is over
BOUNDLESS_RATE = 100_000.0  # a second: no limit
UNKNOWN_RATE = 20.0  # a second, of a group of which only an event tells
FIRST_SILENCE_SECONDS = 10
LONGEST_SILENCE_SECONDS = 300
RECOVERY_SECONDS = 60  # for each step
QUEUE_SECONDS = (
    600  # nobody is put off for longer at once: meanwhile the group may be quicker again
)
KEPT_SECONDS = 6 * 3600
HOSTED_SECONDS = 24 * 3600  # who hosts a domain is asked again after that
SAID_SECONDS = 5  # what events of many messages say at once is heeded once
MOST_HOSTED = 10_000  # domains whose host is remembered

# A field is "step rate until changed", times in seconds since 1970. KEYS: groups. ARGV: now, seconds of a recovery.
# Gives group and field by turns, after taking back the steps whose time is over.
_READ = """
local now, recovery, found = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local step, rate, silent, changed = string.match(all[i + 1], '(%S+) (%S+) (%S+) (%S+)')
  local back = math.floor((now - tonumber(changed)) / recovery)
  if back >= tonumber(step) then
    redis.call('HDEL', KEYS[1], all[i])
  else
    if back > 0 then
      step, rate, changed = step - back, rate * 2 ^ back, changed + back * recovery
      all[i + 1] = string.format('%d %.6f %.3f %.3f', step, rate, silent, changed)
      redis.call('HSET', KEYS[1], all[i], all[i + 1])
    end
    table.insert(found, all[i])
    table.insert(found, all[i + 1])
  end
end
return found
"""

# KEYS: groups. ARGV: now, group, messages a second until now, lowest rate, first silence, longest silence, seconds to keep,
# when the message was sent. What is said of one that was sent before the last silence was over says nothing of the rate since.
_SLOWER = """
local now, field = tonumber(ARGV[1]), redis.call('HGET', KEYS[1], ARGV[2])
local step, rate = 0, tonumber(ARGV[3])
if field then
  local silent
  step, rate, silent = string.match(field, '(%S+) (%S+) (%S+)')
  if tonumber(ARGV[8]) < tonumber(silent) then return 0 end
end
step, rate = step + 1, math.max(tonumber(ARGV[4]), rate / 2)
local silent = now + math.min(tonumber(ARGV[6]), ARGV[5] * 2 ^ (step - 1))
redis.call('HSET', KEYS[1], ARGV[2], string.format('%d %.6f %.3f %.3f', step, rate, silent, silent))
redis.call('EXPIRE', KEYS[1], ARGV[7])
return 1
"""

# One line of those who were put off, so that they come back one after another. KEYS: the end of it. ARGV: now, people,
# messages a second, seconds until the first may go, longest. Gives in how many milliseconds the first of these may go.
_QUEUE = """
local now, first = tonumber(ARGV[1]), tonumber(ARGV[4])
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + first)
free = math.min(free, now + ARGV[5])
redis.call('SET', KEYS[1], string.format('%.3f', free + ARGV[2] / ARGV[3]), 'EX', 2 * ARGV[5])
return math.ceil((free - now) * 1000)
"""


@dataclass(frozen=True, slots=True)
class Slowed:
    """How a group is treated now: `per_second` messages once `silent_seconds` are over, on a part of the sessions.

    `most_sessions` is what a person set for all workers together. Step 0: only a person wants it slower.
    """

    step: int
    per_second: float
    silent_seconds: float
    most_sessions: int | None = None

    def sessions(self, most: int) -> int:
        """How many of `most` sessions may carry its mail at once: half of them for each step, and at least one."""
        return max(1, most >> self.step)

    def under(self, limit: ReceiverLimit) -> "Slowed":
        """The same, within what a person set."""
        rate = min(self.per_second, limit.per_second or BOUNDLESS_RATE)
        return Slowed(self.step, rate, self.silent_seconds, limit.sessions)


class Backoff:
    """The slowed groups of one connection, and those to which a person set a limit.

    Every method raises redis.RedisError while Valkey is away.
    """

    def __init__(
        self,
        client: "redis.Redis",
        connection_id: int,
        receivers: Mapping[str, ReceiverLimit] | None = None,
        sessions: Sessions | None = None,
    ) -> None:
        self._client = client
        self._rate = Rate(client)
        self._read: Any = client.register_script(_READ)
        self._slower: Any = client.register_script(_SLOWER)
        self._queue: Any = client.register_script(_QUEUE)
        self._key = f"mailrith:slow:{connection_id}"
        self._name = f"{connection_id}:to"
        self._receivers = _by_group(receivers or {})
        self._sessions = sessions

    @property
    def set_by_person(self) -> dict[str, Slowed]:
        """Those to which a person set a limit, as if nobody had complained."""
        free = Slowed(0, BOUNDLESS_RATE, 0.0)
        return {group: free.under(limit) for group, limit in self._receivers.items()}

    def groups(self) -> dict[str, Slowed]:
        """Those that are slowed now."""
        moment = now().timestamp()
        flat = [
            part.decode() for part in self._read(keys=[self._key], args=[moment, RECOVERY_SECONDS])
        ]
        slowed = {
            group: _slowed(field, moment)
            for group, field in zip(flat[::2], flat[1::2], strict=True)
        }
        limited = {
            group: slowed[group].under(limit)
            for group, limit in self._receivers.items()
            if group in slowed
        }
        return self.set_by_person | slowed | limited

    def sessions(self, group: str, *, busy: int, wanted: int, most: int) -> int:
        """How many of this slice's sessions may carry the group's mail, of `most` of all workers."""
        if self._sessions is None:
            return most
        name = f"{self._name}:{group}"
        return self._sessions.share(name, is_open=busy, wanted=wanted, most=most).mine

    def slower(
        self, group: str, per_second: float = UNKNOWN_RATE, sent_at: float | None = None
    ) -> bool:
        """The group asked for it; it got `per_second` until now. Whether that was news.

        `sent_at` is when the message was sent that it asked for (seconds since 1970), if not just now.
        """
        numbers = [LOWEST_RATE, FIRST_SILENCE_SECONDS, LONGEST_SILENCE_SECONDS, KEPT_SECONDS]
        moment = now().timestamp()
        sent = moment if sent_at is None else min(sent_at, moment)
        args = [moment, group, per_second, *numbers, sent]
        return bool(self._slower(keys=[self._key], args=args))

    def take(self, group: str, wanted: int, per_second: float) -> tuple[int, float]:
        """(how many may go to the group now, seconds until the next one may)."""
        return self._rate.take(f"{self._key}:{group}", wanted, per_second)

    def queue(self, group: str, people: int, per_second: float, silent_seconds: float) -> float:
        """In how many seconds the first of so many people should be tried; the others follow at the rate."""
        args = [now().timestamp(), people, per_second, silent_seconds, QUEUE_SECONDS]
        return int(self._queue(keys=[f"{self._key}:{group}:queue"], args=args)) / 1000

    def hosted(self) -> Mapping[str, str]:
        """Domain -> group, of those whose mail servers are known to be a large provider's."""
        found: Any = self._client.hgetall(_HOSTED)
        return {domain.decode(): group.decode() for domain, group in found.items()}

    def remember_host(self, domain: str, group: str) -> None:
        """Treat the domain as one of the group from now on."""
        if self._client.hlen(_HOSTED) < MOST_HOSTED:
            self._client.hset(_HOSTED, domain, group)
            self._client.expire(_HOSTED, HOSTED_SECONDS)

    def first_to_say(self, domain: str) -> bool:
        """Whether nobody has said in the last seconds that the domain wants it slower."""
        return bool(self._client.set(f"{self._key}:said:{domain}", 1, nx=True, ex=SAID_SECONDS))

    def first_to_ask(self, domain: str) -> bool:
        """Whether nobody has asked today who hosts the domain. The next one is told that somebody did."""
        return bool(self._client.set(f"{_HOSTED}:{domain}", 1, nx=True, ex=HOSTED_SECONDS))


_HOSTED = "mailrith:hosted"


def _by_group(receivers: Mapping[str, ReceiverLimit]) -> dict[str, ReceiverLimit]:
    """A person names a domain; it stands for all domains of its provider. Of two limits of one provider each value's lower holds."""
    found: dict[str, ReceiverLimit] = {}
    for domain, limit in receivers.items():
        group = known_group(domain) or domain
        found[group] = limit.within(found[group]) if group in found else limit
    return found


def _slowed(field: str, moment: float) -> Slowed:
    step, rate, silent, _ = field.split()
    return Slowed(int(float(step)), float(rate), max(0.0, float(silent) - moment))
