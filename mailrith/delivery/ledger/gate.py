"""Whom one slice may send to now, while some receivers want it slower. Everybody else goes on at full speed.

Of a slowed group a few people stay at hand, and go as its rate allows. The others are put off, so that they do not stand
in the way. Belongs to the ledger's thread; only `hear` and the properties are for the loop.
"""

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import redis

from mailrith.core import queue
from mailrith.core.clock import now, ticking
from mailrith.core.reserved import reserved
from mailrith.delivery.ledger.entries import Claimed
from mailrith.delivery.ledger.results import Result, put_off
from mailrith.delivery.pacing.backoff import Backoff, Slowed
from mailrith.delivery.pacing.mailbox_providers import known_group

LOOK_SECONDS = 1.0  # how often others are asked what they heard
HAND_SECONDS = 2.0  # so much mail of a slowed group is kept at hand
LARGEST_HAND = 200  # people
SHORTEST_SECONDS = 0.5  # from less no rate can be told
AWAY_SECONDS = 60.0  # while Valkey is away, nobody can be asked about those put off
JITTER = 0.1  # of the time until somebody is tried again
SESSION_RATE = 20.0  # messages a second that a session carries at the least, when nobody knows
HOST_JOB = "mailrith.delivery.jobs.learn_host"


class Gate:
    """Opened with `prepare` before each turn; `choose` then takes people for the wire."""

    def __init__(self, backoff: Backoff, give_up_at: datetime) -> None:
        self._backoff = backoff
        self._give_up_at = give_up_at
        self._slowed: dict[str, Slowed] = backoff.set_by_person
        self._hosted: dict[str, str] = {}
        self._credit: Counter[str] = Counter()  # may go, and have not gone yet
        self._holding: set[str] = set()  # groups whose sessions we have a part of
        self._hand: dict[str, deque[Claimed]] = defaultdict(deque)
        self._turned_away: dict[str, list[Claimed]] = defaultdict(list)
        self._put_off: list[Result] = []
        self._heard: Counter[str] = Counter()
        self._complaints: dict[str, int] = {}  # domain -> a delivery that was told to slow down
        self._began_at = ticking()
        self._looked_at = float("-inf")
        self._next_at: float | None = None
        self._sessions, self._part = 1, 1.0

    @property
    def waiting(self) -> int:
        """People who are at hand, or turned away and not put off yet."""
        return len(self.held)

    @property
    def turned_away(self) -> bool:
        """Whether somebody was turned away in the last turn: there may be others behind them who can go."""
        return bool(self._turned_away)

    @property
    def wait_seconds(self) -> float | None:
        """How long until the next one at hand may go; None when nobody has to wait."""
        return None if self._next_at is None else max(0.0, self._next_at - ticking())

    @property
    def due(self) -> bool:
        """Whether somebody at hand has waited long enough."""
        return self._next_at is not None and self._next_at <= ticking()

    @property
    def held(self) -> list[int]:
        """The ids of everybody who is kept here."""
        at_hand = [one.id for people in self._hand.values() for one in people]
        away = [one.id for people in self._turned_away.values() for one in people]
        return [*at_hand, *away, *(one.delivery_id for one in self._put_off)]

    def hear(self, claimed: Claimed, *, slow: bool) -> None:
        """A receiver answered; `slow` says that it wants fewer."""
        domain = _domain(claimed)
        self._heard[domain] += 1
        if slow:
            self._complaints.setdefault(domain, claimed.id)

    def note_sessions(self, mine: int, everybodys: int) -> None:
        """How many sessions this slice has, of those that the connection may have."""
        self._sessions, self._part = max(1, mine), max(1, mine) / max(1, mine, everybodys)

    def prepare(self, flying: Iterable[Claimed]) -> None:
        """Ask the others, and for leave to send. `flying` are on the wire now.

        While Valkey is away what was known last holds, and nobody of a slowed group goes.
        """
        self._next_at = None
        try:
            self._complain()
            if ticking() - self._looked_at >= LOOK_SECONDS:
                self._look()
            if self._hand or self._holding:
                self._ask(Counter(self._group(_domain(one)) for one in flying))
        except redis.RedisError:
            self._next_at = ticking() + LOOK_SECONDS if self._hand else None
        for group in list(self._turned_away):
            self._put_away(group)

    def choose(self, claimed: deque[Claimed], room: int) -> list[Claimed]:
        """Take up to `room` people who may go."""
        if not (self._slowed or self._hand):
            return [claimed.popleft() for _ in range(min(room, len(claimed)))]
        chosen: list[Claimed] = []
        for group, people in list(self._hand.items()):
            while people and len(chosen) < room and self._may_go(group):
                chosen.append(people.popleft())
            if not people:
                del self._hand[group]
        while claimed and len(chosen) < room:
            one = claimed.popleft()
            group = self._group(_domain(one))
            if group not in self._hand and self._may_go(group):
                chosen.append(one)
            elif len(self._hand.get(group, ())) < _hand_size(self._slowed[group]):
                self._hand[group].append(one)
            else:
                self._turned_away[group].append(one)
        return chosen

    def put_off(self) -> list[Result]:
        """Whom to write down for later, once."""
        leaving, self._put_off = self._put_off, []
        return leaving

    def take_back(self, leaving: Sequence[Result]) -> None:
        """They could not be written down."""
        self._put_off.extend(leaving)

    def _complain(self) -> None:
        while self._complaints:
            domain, delivery_id = next(iter(self._complaints.items()))
            group = self._group(domain)
            self._backoff.slower(group, self._rate_of(group))
            if group == domain and not reserved(domain) and self._backoff.first_to_ask(domain):
                queue.push([queue.Call(HOST_JOB, (delivery_id,), queue.WORK)])
            del self._complaints[domain]
            self._looked_at = float("-inf")

    def _rate_of(self, group: str) -> float:
        """Messages a second to the group through all slices, taking the others to be like this one."""
        heard = sum(n for domain, n in self._heard.items() if self._group(domain) == group)
        return heard / max(SHORTEST_SECONDS, ticking() - self._began_at) / self._part

    def _look(self) -> None:
        self._slowed = self._backoff.groups()
        self._hosted = dict(self._backoff.hosted()) if self._slowed else {}
        self._looked_at = ticking()

    def _ask(self, flying: Counter[str]) -> None:
        """For leave to send to those at hand. In a long silence nobody is."""
        waits: list[float] = []
        for group, people in list(self._hand.items()):
            slowed = self._slowed.get(group)
            if slowed is None:
                continue
            if slowed.silent_seconds > HAND_SECONDS:
                self._turned_away[group].extend(people)
                del self._hand[group]
            elif slowed.silent_seconds:
                waits.append(slowed.silent_seconds)
            else:
                waits.extend(self._get_leave(group, slowed, len(people), flying[group]))
        self._let_go(flying)
        self._next_at = ticking() + min(waits) if waits else None

    def _get_leave(self, group: str, slowed: Slowed, people: int, flying: int) -> list[float]:
        busy = flying + self._credit[group]
        free = min(people + flying, slowed.sessions(self._sessions)) - busy
        if slowed.most_sessions is not None:
            free = self._hold(group, slowed.most_sessions, busy, max(0, free)) - busy
        if free <= 0:
            return []  # an answer makes room
        granted, wait = self._backoff.take(group, free, slowed.per_second)
        self._credit[group] += granted
        return [wait] if granted < free else []

    def _hold(self, group: str, most: int, busy: int, more: int) -> int:
        """How many sessions this slice may use for a group of which a person set the number, for all slices together."""
        self._holding.add(group)
        return self._backoff.sessions(group, busy=busy, wanted=busy + more, most=most)

    def _let_go(self, flying: Counter[str]) -> None:
        """Of what is at hand nobody wants more sessions; those in use stay ours."""
        for group in self._holding - self._hand.keys():
            slowed, busy = self._slowed.get(group), flying[group] + self._credit[group]
            if slowed is not None and slowed.most_sessions is not None:
                self._hold(group, slowed.most_sessions, busy, 0)
            if not busy:
                self._holding.discard(group)

    def _put_away(self, group: str) -> None:
        people = self._turned_away[group]
        slowed = self._slowed.get(group, Slowed(0, LARGEST_HAND, 0.0))
        rate = self._line_rate(group, slowed)
        try:
            begin = self._backoff.queue(group, len(people), rate, slowed.silent_seconds)
        except redis.RedisError:
            begin = AWAY_SECONDS
        for number, one in enumerate(people):
            seconds = (begin + number / rate) * random.uniform(1, 1 + JITTER)
            self._put_off.append(self._later(one, timedelta(seconds=seconds), slowed))
        del self._turned_away[group]

    def _line_rate(self, group: str, slowed: Slowed) -> float:
        """How fast the line of those put off moves. Of sessions without a rate it is guessed, better after the first answers."""
        if slowed.most_sessions is None:
            return slowed.per_second
        guess = max(slowed.most_sessions * SESSION_RATE, self._rate_of(group))
        return min(slowed.per_second, guess)

    def _later(self, one: Claimed, wait: timedelta, slowed: Slowed) -> Result:
        """Nobody is given up for what a person set: it holds as long as it takes."""
        moment = now()
        by_person = not slowed.step
        give_up_at = moment + wait if by_person else self._give_up_at
        return put_off(
            one.id, one.attempt, wait, give_up_at=give_up_at, now=moment, by_person=by_person
        )

    def _may_go(self, group: str) -> bool:
        if group not in self._slowed:
            return True
        if not self._credit[group]:
            return False
        self._credit[group] -= 1
        return True

    def _group(self, domain: str) -> str:
        return known_group(domain) or self._hosted.get(domain, domain)


def _domain(claimed: Claimed) -> str:
    return claimed.email.rpartition("@")[2].lower()


def _hand_size(slowed: Slowed) -> int:
    if slowed.silent_seconds > HAND_SECONDS:
        return 0
    return max(1, min(LARGEST_HAND, round(slowed.per_second * HAND_SECONDS)))
