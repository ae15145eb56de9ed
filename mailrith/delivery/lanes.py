"""Sessions at work: each lane holds one line to the server and carries one marked message after another."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import cast

from mailrith.core.errors import Invalid
from mailrith.delivery.entries import Marked, ticking
from mailrith.delivery.lines import Lines
from mailrith.delivery.order import Order
from mailrith.delivery.results import HALTED
from mailrith.smtp.connecting import connect
from mailrith.smtp.replies import Reply
from mailrith.smtp.session import Outcome, Session
from mailrith.smtp.trouble import Trouble

# A server that is just restarting deserves a second try before the whole run rests.
PASSING = frozenset({"connection_lost", "connection_refused", "too_many_connections", "timeout"})
TRIES = 3
TRY_AGAIN_SECONDS = 0.5


class Lanes:
    """Up to `target` lanes. `outcomes` is what has become of messages and is emptied by the slice."""

    def __init__(self, order: Order, lines: Lines, news: Callable[[], None]) -> None:
        self.outcomes: list[tuple[Marked, Outcome]] = []
        self.open = 0  # lanes with a session
        self.trouble: Trouble | None = None  # why the last connect failed
        self._order = order
        self._lines = lines
        self._news = news
        self._target = 0
        self.failure: BaseException | None = None  # a bug in a lane
        self._present = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._ready: deque[Marked] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._carried: dict[int, Marked] = {}
        self._carriers: dict[int, asyncio.Task[None]] = {}  # which lane has which message
        self._dotted: set[int] = set()  # of these the final dot may be on its way
        self._halted = False
        self._closing = False

    @property
    def count(self) -> int:
        """Lanes, whether their session is there yet or not."""
        return self._present

    @property
    def stuck(self) -> bool:
        """Whether no session is open and none is being opened, because of `trouble`."""
        return self.trouble is not None and not self._tasks

    def aim(self, target: int) -> None:
        """Have this many lanes; those too many leave after their message."""
        self._target = target
        while self._present < target and not (self._halted or self._closing or self.trouble):
            task = asyncio.get_running_loop().create_task(self._lane())
            self._present += 1
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        if self._present > target:
            self._wake_all()

    def feed(self, marked: Iterable[Marked]) -> None:
        """Messages that may go now."""
        self._ready.extend(marked)
        for _ in range(min(len(self._ready), len(self._waiting))):
            self._wake(self._waiting.popleft())

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
        for id_, task in list(self._carriers.items()):
            if id_ not in self._dotted:
                # Closes the line: a server that waits for content gets neither content nor dot.
                task.cancel()
                unsent.append(self._carried.pop(id_))
                del self._carriers[id_]
        self._stop_connecting()
        self._wake_all()
        return unsent

    async def abandon(self) -> tuple[list[Marked], list[Marked]]:
        """Close every line now. Gives the messages that certainly did not go, and those nobody knows about."""
        unsent = self.halt()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return unsent, list(self._carried.values())

    async def silent(self) -> None:
        """Wait until every lane has left."""
        if self._tasks:
            await asyncio.wait(list(self._tasks))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
        self._news()

    def _stop_connecting(self) -> None:
        for task in self._connecting:
            task.cancel()

    def _leaving(self) -> bool:
        return self._halted or (self._closing and not self._ready) or self._present > self._target

    async def _lane(self) -> None:
        session: Session | None = None
        try:
            session = await self._connected()
            while session is not None and not self._leaving():
                if not session.usable:
                    spent, session = session, None
                    await self._drop(spent)
                    session = await self._connected()
                elif self._ready:
                    await self._carry(session, self._ready.popleft())
                else:
                    await self._something_ready()
        finally:
            self._present -= 1
            if session is not None:
                self.open -= 1
                self._lines.give(session)

    async def _drop(self, session: Session) -> None:
        self.open -= 1
        if session.count >= session.server.messages_per_session:
            await session.quit()  # it did its work: say good-bye
        else:
            session.abort()

    async def _connected(self) -> Session | None:
        """A session, new or warm; None after noting the trouble."""
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._connecting.add(task)
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
            self._connecting.discard(task)
        return None

    async def _something_ready(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    async def _carry(self, session: Session, marked: Marked) -> None:
        order, id_ = self._order, marked.claimed.id
        self._carried[id_] = marked
        self._carriers[id_] = cast("asyncio.Task[None]", asyncio.current_task())
        if ticking() >= marked.deadline:
            outcome = Outcome("not_sent", "mail", None, HALTED)
        else:
            try:
                message = order.message(marked)
            except Invalid:
                # An address that cannot stand in a header line.
                outcome = Outcome(
                    "refused", "local", Reply(553, "5.1.3 This address cannot be used")
                )
            else:
                outcome = await session.send(
                    order.sender(marked),
                    marked.claimed.email,
                    message,
                    partial(self._may_finish, marked),
                    ready=True,
                )
        del self._carried[id_], self._carriers[id_]
        self._dotted.discard(id_)
        self.outcomes.append((marked, outcome))
        self._news()

    def _may_finish(self, marked: Marked) -> bool:
        """Asked before the final dot. A process that was stopped finds its time over."""
        if self._halted or ticking() >= marked.deadline:
            return False
        self._dotted.add(marked.claimed.id)
        return True

    def _wake_all(self) -> None:
        while self._waiting:
            self._wake(self._waiting.popleft())

    @staticmethod
    def _wake(waiter: "asyncio.Future[None]") -> None:
        if not waiter.done():
            waiter.set_result(None)
