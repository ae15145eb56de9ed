"""Sessions at work: each lane holds one line to the server and carries one marked message after another.

Where a server takes DATA but no chunks, the envelope of a lane's next message goes out while the present one's dot is being
answered. Only what is marked goes ahead; and it has no dot yet, so it can be given back, and then its line is closed.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from mailrith.core.clock import ticking
from mailrith.core.errors import Invalid
from mailrith.delivery.ledger.entries import Marked
from mailrith.delivery.ledger.results import HALTED
from mailrith.delivery.sending.lines import Lines
from mailrith.delivery.sending.order import Order
from mailrith.smtp.connecting import connect
from mailrith.smtp.outcome import Outcome
from mailrith.smtp.replies import Reply
from mailrith.smtp.session import Session
from mailrith.smtp.trouble import Trouble

# A server that is just restarting deserves a second try before the whole run rests.
PASSING = frozenset({"connection_lost", "connection_refused", "too_many_connections", "timeout"})
TRIES = 3
UNWRITABLE = Reply(553, "5.1.3 This address cannot be used")
UNHEARD = frozenset({"timeout", "not_smtp"})  # how a server ends that loses what comes behind a dot
TRY_AGAIN_SECONDS = 0.5


@dataclass(slots=True, eq=False)
class Lane:
    """One line and what it carries. `dotted`: the final dot of the present message may be on its way."""

    task: "asyncio.Task[None]" = field(init=False)
    before_dot: Callable[[], bool] = field(init=False)
    after_dot: Callable[[], None] = field(init=False)
    session: Session | None = None
    present: Marked | None = None
    dotted: bool = False
    next: Marked | None = None  # its envelope went ahead, or is to go next
    built: bytes | None = None  # the next one's bytes


class Lanes:
    """Up to `target` lanes. `outcomes` is what has become of messages and is emptied by the slice."""

    def __init__(self, order: Order, lines: Lines, news: Callable[[], None]) -> None:
        self.outcomes: list[tuple[Marked, Outcome]] = []
        self.open = 0  # lanes with a session
        self.trouble: Trouble | None = None  # why the last connect failed
        self.failure: BaseException | None = None  # a bug in a lane
        self._order = order
        self._lines = lines
        self._news = news
        self._target = 0
        self._present = 0
        self._lanes: set[Lane] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._ready: deque[Marked] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._woken = 0  # lanes that were called and have not come yet
        self._ahead = not lines.sends_alone(order.server)
        self._alone: dict[Lane, None] = {}  # a dot is being answered, and nothing went ahead
        self._halted = False
        self._closing = False

    @property
    def count(self) -> int:
        """Lanes, whether their session is there yet or not."""
        return self._present

    @property
    def stuck(self) -> bool:
        """Whether no session is open and none is being opened, because of `trouble`."""
        return self.trouble is not None and not self._lanes

    def aim(self, target: int) -> None:
        """Have this many lanes; those too many leave after their message."""
        self._target = target
        while self._present < target and not (self._halted or self._closing or self.trouble):
            lane = Lane()
            lane.before_dot = partial(self._may_finish, lane)
            lane.after_dot = partial(self._finished, lane)
            lane.task = asyncio.get_running_loop().create_task(self._run(lane))
            self._present += 1
            self._lanes.add(lane)
            lane.task.add_done_callback(partial(self._ended, lane))
        if self._present > target:
            self._wake_all()

    def feed(self, marked: Iterable[Marked]) -> None:
        """Messages that may go now."""
        self._ready.extend(marked)
        for _ in range(min(len(self._ready), len(self._waiting))):
            self._wake()
        while self._alone and self._may_go_ahead():
            self._send_ahead(next(iter(self._alone)))

    def close(self) -> None:
        """Carry what is ready, then leave."""
        self._closing = True
        self._stop_connecting()
        self._wake_all()

    def halt(self) -> list[Marked]:
        """No further final dot. Gives the messages that certainly did not go; those with a dot get their answer."""
        self._halted = True
        unsent = list(self._ready)
        self._ready.clear()
        for lane in self._lanes:
            if (
                lane.next is not None
            ):  # it may wait for content, and gets none: `_run` closes the line
                unsent.append(lane.next)
                lane.next = None
            if lane.present is not None and not lane.dotted:
                # Closes the line: a server that waits for content gets neither content nor dot.
                lane.task.cancel()
                unsent.append(lane.present)
                lane.present = None
        self._stop_connecting()
        self._wake_all()
        return unsent

    async def abandon(self) -> tuple[list[Marked], list[Marked]]:
        """Close every line now. Gives the messages that certainly did not go, and those nobody knows about."""
        unsent = self.halt()
        lanes = list(self._lanes)
        for lane in lanes:
            lane.task.cancel()
        await asyncio.gather(*(lane.task for lane in lanes), return_exceptions=True)
        return unsent, [lane.present for lane in lanes if lane.present is not None]

    async def silent(self) -> None:
        """Wait until every lane has left."""
        if self._lanes:
            await asyncio.wait([lane.task for lane in self._lanes])

    def _ended(self, lane: Lane, task: "asyncio.Task[None]") -> None:
        self._lanes.discard(lane)
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
        self._news()

    def _stop_connecting(self) -> None:
        for task in self._connecting:
            task.cancel()

    def _leaving(self, lane: Lane) -> bool:
        if self._halted:
            return True
        if lane.next is not None:
            return False
        return (self._closing and not self._ready) or self._present > self._target

    async def _run(self, lane: Lane) -> None:
        try:
            lane.session = await self._connected(lane)
            while lane.session is not None and not self._leaving(lane):
                if not lane.session.usable:
                    await self._drop(lane)
                    lane.session = await self._connected(lane)
                elif lane.next is not None:
                    marked, lane.next = lane.next, None
                    await self._carry(lane, lane.session, marked)
                elif self._ready:
                    await self._carry(lane, lane.session, self._ready.popleft())
                else:
                    await self._something_ready()
        finally:
            self._present -= 1
            if lane.next is not None:  # no line for it: another lane may have one
                self._ready.appendleft(lane.next)
                lane.next = None
                if self._waiting:
                    self._wake()
            if lane.session is not None:
                self.open -= 1
                self._lines.give(lane.session)

    async def _drop(self, lane: Lane) -> None:
        session, lane.session = lane.session, None
        assert session is not None
        self.open -= 1
        if session.count >= session.server.messages_per_session:
            await session.quit()  # it did its work: say good-bye
        else:
            session.abort()

    async def _connected(self, lane: Lane) -> Session | None:
        """A session, new or warm; None after noting the trouble."""
        self._connecting.add(lane.task)
        try:
            for attempt in range(TRIES):
                found = await self._lines.take(self._order.server) or await connect(
                    self._order.server
                )
                if isinstance(found, Session):
                    self.open += 1
                    self.trouble = None
                    self._news()
                    return found
                self.trouble = found
                if found.cause not in PASSING or self.open:
                    break
                if attempt < TRIES - 1:
                    await asyncio.sleep(TRY_AGAIN_SECONDS)
        finally:
            self._connecting.discard(lane.task)
        return None

    async def _something_ready(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter
        self._woken -= 1

    async def _carry(self, lane: Lane, session: Session, marked: Marked) -> None:
        lane.present, lane.dotted = marked, False
        went_ahead = session.committed
        message, lane.built = lane.built, None
        if ticking() >= marked.deadline:
            outcome = Outcome("not_sent", "mail", None, HALTED)
        elif (message := message or self._built(marked)) is None:
            outcome = Outcome("refused", "local", UNWRITABLE)
        else:
            outcome = await session.send(
                self._order.sender(marked),
                marked.claimed.email,
                message,
                lane.before_dot,
                lane.after_dot,
                ready=True,
            )
        self._alone.pop(lane, None)
        if session.committed and lane.next is None:
            session.abort()  # what went ahead is not coming
        if went_ahead and outcome.kind == "not_sent" and outcome.cause in UNHEARD:
            self._lines.send_alone(session.server)
            self._ahead = False
        lane.present = None
        self.outcomes.append((marked, outcome))
        self._news()

    def _built(self, marked: Marked) -> bytes | None:
        """The message, or None for an address that cannot stand in a header line."""
        try:
            return self._order.message(marked)
        except Invalid:
            return None

    def _may_finish(self, lane: Lane) -> bool:
        """Asked before the final dot. A process that was stopped finds its time over."""
        if self._halted or lane.present is None or ticking() >= lane.present.deadline:
            return False
        lane.dotted = True
        return True

    def _finished(self, lane: Lane) -> None:
        """A dot of DATA is being answered: something else may be said meanwhile."""
        if lane.session is None or not lane.session.sends_ahead:
            return
        self._alone[lane] = None
        if self._may_go_ahead():
            self._send_ahead(lane)

    def _may_go_ahead(self) -> bool:
        """Whether there is more than what lanes without anything to do are coming for."""
        return (
            self._ahead
            and len(self._ready) > self._woken
            and not self._halted
            and self._present <= self._target
        )

    def _send_ahead(self, lane: Lane) -> None:
        """Give the lane its next message now. If its envelope cannot go ahead, it goes in its turn."""
        del self._alone[lane]
        lane.next = self._ready.popleft()
        lane.built = self._built(lane.next)
        if lane.session is not None and lane.built is not None:
            lane.session.send_ahead(
                self._order.sender(lane.next), lane.next.claimed.email, lane.built
            )

    def _wake(self) -> None:
        waiter = self._waiting.popleft()
        if not waiter.done():
            waiter.set_result(None)
            self._woken += 1

    def _wake_all(self) -> None:
        while self._waiting:
            self._wake()
