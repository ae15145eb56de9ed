"""One slice of a run: marks ahead of the wire, lanes carry, outcomes go back, all at the same time.

At most 2 W messages are marked without a recorded outcome, W being the sessions that are open: so many can be in doubt
after a kill, and no more. Pace comes before the mark, the mark before the wire.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from mailrith.core.clock import ticking
from mailrith.delivery.ledger.entries import Situation, Turn
from mailrith.delivery.ledger.gate import Gate
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.models import LIMITS, RunPhase
from mailrith.delivery.pacing.pace import Pace
from mailrith.delivery.sending.allowance import Allowance
from mailrith.delivery.sending.books import Books
from mailrith.delivery.sending.engine import Engine
from mailrith.delivery.sending.lanes import Lanes
from mailrith.delivery.sending.lines import IDLE_SECONDS
from mailrith.delivery.sending.order import Order

LOOK_SECONDS = 0.4  # how long a pause may go unnoticed while nothing else happens
YIELD_SECONDS = 1.0  # a slice runs at least this long before it makes room for other jobs
GATHER_SECONDS = (
    0.004  # outcomes wait for company so long: a turn costs the same for one and for twenty
)
DRAIN_SECONDS = 8.0  # of the ten that a stopping worker has
# A full connection beside others that go on is looked at again so often: somebody may have raised its limit.
LONGEST_REST_SECONDS = 600.0
BROKEN_LINES = 5  # lost one after another, beyond one for each lane


class Ended(StrEnum):
    """How a slice ended."""

    EMPTY = "empty"  # nothing left to claim
    TIME = "time"  # others want the worker
    DRAIN = "drain"  # the worker stops
    CROWDED = "crowded"  # others have all the sessions
    CHANGED = "changed"  # the connection has another password or server now
    HALTED = "halted"  # somebody paused or canceled the run
    LATER = "later"  # the connection carries more within a minute
    FULL = "full"  # a limit of the connection is reached, for longer than that
    STOPPED = "stopped"  # the connection cannot go on


GENTLE = frozenset(
    {Ended.EMPTY, Ended.TIME, Ended.CROWDED, Ended.LATER, Ended.FULL}
)  # what is marked still goes out


@dataclass(frozen=True)
class Stop:
    """Why the connection cannot go on: a Pause or a key of smtp.causes, and the server's words."""

    cause: str
    words: str = ""


class Slice:
    """The loop of one slice. `run` once."""

    def __init__(
        self, order: Order, ledger: Ledger, pace: Pace, engine: Engine, *, seconds: float
    ) -> None:
        self._server = order.server
        self._engine = engine
        self._pace = pace
        self._news = asyncio.Event()
        self._lanes = Lanes(order, engine.lines, self._hear)
        self._gate = ledger.gate = Gate(pace.backoff, order.give_up_at)
        self._books = Books(order, ledger, engine)
        self._allowance = Allowance(pace, self._books, self._lanes, engine.lines, order.server)
        self._limits = Situation(RunPhase.SENDING, None, False, order.max_sessions, order.limits)
        self._ends_at = ticking() + seconds
        self._yields_at = ticking() + YIELD_SECONDS
        self._looked_at = self._heard_at = 0.0
        self._broken = 0  # lines lost one after another
        self._stop: Stop | None = None
        self._halted = False

    async def run(self) -> Ended:
        """Send until the slice is over, nothing is left, or something stops it."""
        self._engine.lines.count_as(self._server, self._pace.name)
        try:
            await self._take_turn(
                0
            )  # claim before connecting: without work the server is left alone
            while (ended := self._ended()) is None:
                await self._allowance.lanes(self._limits.max_sessions)
                granted_in = await self._round()
                if not self._books.idle:  # a single message would wait here for nobody
                    await self._wait(granted_in)
            await self._wind_down(ended)
            await self._close_lines(ended)
            if ended in {Ended.LATER, Ended.FULL}:
                wait = min(self._allowance.wait_seconds or 0.0, LONGEST_REST_SECONDS)
                await self._books.in_thread(lambda: self._pace.later(wait))
        finally:
            await self._lanes.abandon()
            await self._books.close()
            warm = self._engine.lines.warm(self._pace.name)
            await self._books.in_thread(lambda: self._pace.leave(warm))
            self._engine.rest()
        return ended

    # ---- going on ----------------------------------------------------------------------------

    async def _round(self) -> float | None:
        """In how many seconds a limit grants more to a lane that is free now; None if none of them holds it back."""
        self._read_outcomes()
        free = self._room()
        room = await self._allowance.messages(free, self._limits.limits)
        batch = max(1, self._lanes.open)
        pending = len(self._books.pending)
        waited = pending and ticking() - self._heard_at >= GATHER_SECONDS
        if (
            pending >= batch
            or room >= batch
            or waited
            or (room and (self._limits.limits.any or self._gate.due))
            or ticking() - self._looked_at >= LOOK_SECONDS
        ):
            await self._take_turn(room)
        await self._books.renew()
        waits = (
            self._allowance.wait_seconds if free else None,
            self._gate.wait_seconds if room else None,
        )
        return min((wait for wait in waits if wait is not None), default=None)

    async def _take_turn(self, room: int, *, more: bool = True) -> None:
        look = ticking() - self._looked_at >= LOOK_SECONDS
        self._gate.note_sessions(self._lanes.count, self._limits.max_sessions)
        turn = await self._books.turn(room, look=look, more=more)
        if turn is None:
            return
        if self._gate.turned_away:
            self._news.set()  # behind them may be others, who need not wait
        self._lanes.feed(turn.marked)
        self._allowance.used(len(turn.marked))
        self._follow(turn)

    def _follow(self, turn: Turn) -> None:
        if turn.situation is None:
            return
        self._looked_at = ticking()
        self._limits = turn.situation
        if turn.situation.phase != RunPhase.SENDING:
            self._halted = True
        elif turn.situation.halt is not None:
            self._halt(Stop(turn.situation.halt))

    def _room(self) -> int:
        """How many more may be marked."""
        books = self._books
        if books.dry and not books.claimed:
            return 0
        return max(0, 2 * self._lanes.open - len(books.outstanding) + len(books.pending))

    def _read_outcomes(self) -> None:
        if self._lanes.failure is not None:
            raise self._lanes.failure
        heard, self._lanes.outcomes = self._lanes.outcomes, []
        for marked, outcome in heard:
            judged = self._books.enter(marked, outcome)
            self._broken = self._broken + 1 if judged.lost else 0
            if judged.stop is not None:
                self._halt(Stop(*judged.stop))
            elif self._broken > self._lanes.count + BROKEN_LINES:
                self._halt(Stop("connection_lost", outcome.words))

    def _hear(self) -> None:
        """A lane has news. Outcomes wait a little for company."""
        waiting = len(self._lanes.outcomes)
        if waiting == 1:
            self._heard_at = ticking()
        nobody_follows = waiting + len(self._books.pending) >= len(self._books.outstanding)
        if waiting == 0 or waiting >= self._lanes.open or nobody_follows:
            self._news.set()

    async def _wait(self, granted_in: float | None = None) -> None:
        """Until a lane has news, a limit grants more, or it is time to look."""
        if not self._news.is_set():
            busy = self._lanes.outcomes or self._books.pending
            seconds = GATHER_SECONDS if busy else LOOK_SECONDS / 2
            if granted_in is not None:
                seconds = min(seconds, granted_in)
            timer = asyncio.get_running_loop().call_later(seconds, self._news.set)
            await self._news.wait()
            timer.cancel()
        self._news.clear()

    # ---- ending ------------------------------------------------------------------------------

    def _ended(self) -> Ended | None:
        if self._lanes.stuck and self._lanes.trouble is not None:
            self._halt(Stop(self._lanes.trouble.cause, self._lanes.trouble.words))
        moment = ticking()
        over = moment >= self._ends_at or (moment >= self._yields_at and self._engine.others_wait())
        window = self._allowance.full
        if window is not None and window.cause is not None:
            self._halt(Stop(window.cause))
        full = self._stop is not None and self._stop.cause in LIMITS
        for reason, holds in (
            (Ended.FULL, full),
            (Ended.STOPPED, self._stop is not None),
            (Ended.HALTED, self._halted),
            (Ended.CHANGED, self._limits.stale),
            (Ended.DRAIN, self._engine.draining),
            (Ended.EMPTY, self._books.idle),
            (Ended.CROWDED, self._allowance.crowded),
            (Ended.LATER, window is not None),
            (Ended.TIME, over),
        ):
            if holds:
                return reason
        return None

    def _halt(self, stop: Stop) -> None:
        self._stop = self._stop or stop

    async def _wind_down(self, ended: Ended) -> None:
        """Nothing new is marked. What is on the wire gets its answer; what is not, goes back."""
        if self._stop is not None:
            await self._books.stop(self._stop.cause, self._stop.words)
        if ended in GENTLE:
            self._lanes.close()
        else:
            self._books.give_back(self._lanes.halt())
        limit = ticking() + DRAIN_SECONDS
        while self._books.outstanding:
            self._read_outcomes()
            await self._take_turn(0, more=False)
            if self._engine.draining and ticking() >= limit:
                await self._abandon()
                break
            if self._engine.draining or self._halted or not self._lanes.count:
                self._books.give_back(self._lanes.halt())
            await self._books.renew()
            if self._books.outstanding and not (self._books.pending or self._lanes.outcomes):
                await self._wait()
        await self._lanes.silent()

    async def _close_lines(self, ended: Ended) -> None:
        """Nobody keeps a session that was opened with a former password, or for a workspace that lost the connection."""
        if ended in {Ended.STOPPED, Ended.CHANGED}:
            await self._engine.lines.leave(self._server)
        await self._engine.lines.close(older_than=IDLE_SECONDS)

    async def _abandon(self) -> None:
        """The worker has to go now: whoever may have got the message is in doubt."""
        safe, doubtful = await self._lanes.abandon()
        self._read_outcomes()
        self._books.give_back(safe)
        self._books.doubt(doubtful)
        await self._take_turn(0, more=False)
