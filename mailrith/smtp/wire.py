"""The line to a server after sign-in: writes bytes, hands out replies in order, knows when it is lost.

aiosmtplib's own protocol waits for each reply before the next command and drops what it did not expect.
Pipelining (RFC 2920) needs the replies queued, so the transport is handed to this one.
"""

import asyncio
from collections import deque
from typing import cast

from mailrith.smtp.replies import Reply, Unreadable, read_replies, take_reply

HIGH_WATER_BYTES = 256 * 1024
MOST_REPLIES = 100  # that nobody has asked for; more is a flood


class Lost(Exception):
    """The line ended. `cause` is a key of `causes`. Never leaves this package."""

    def __init__(self, cause: str, words: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.words = words


class Wire(asyncio.Protocol):
    """One connection. Only one task reads from it at a time."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport = transport
        self._buffer = bytearray()
        self._replies: deque[Reply] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._lost: Lost | None = None
        self._due = 0.0  # until when somebody waits
        self._alarm: asyncio.TimerHandle | None = None
        transport.set_write_buffer_limits(HIGH_WATER_BYTES)

    @property
    def alive(self) -> bool:
        """Whether anything can still be said."""
        return self._lost is None and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Hand bytes to the socket. Raises Lost."""
        if self._lost is not None:
            raise self._lost
        if self._transport.is_closing():
            raise Lost("connection_lost")
        self._transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until everything written has left this process. Raises Lost."""
        if self._transport.get_write_buffer_size() == 0:
            return
        self._transport.set_write_buffer_limits(high=0)
        try:
            while self._lost is None and self._transport.get_write_buffer_size():
                self._room = self._loop.create_future()
                await self._wait(self._room, seconds)
        finally:
            self._room = None
            self._transport.set_write_buffer_limits(HIGH_WATER_BYTES)
        if self._lost is not None:
            raise self._lost

    def reply_at_hand(self) -> Reply | None:
        """The next reply if it is there already: nearly always, behind the first of several."""
        return self._replies.popleft() if self._replies else None

    async def reply(self, seconds: float) -> Reply:
        """The next reply. Raises Lost when the line ends, the time is up, or it is not SMTP."""
        while not self._replies:
            if self._lost is not None:
                raise self._lost
            self._reader = self._loop.create_future()
            try:
                await self._wait(self._reader, seconds)
            finally:
                self._reader = None
        return self._replies.popleft()

    def abort(self) -> None:
        """End the line now; what the socket has not taken yet is never sent."""
        self._lose(Lost("connection_closed"))
        self._transport.abort()

    async def _wait(self, future: "asyncio.Future[None]", seconds: float) -> None:
        """Wait for it, but not for longer. One alarm serves many waits: a timer for each costs more than the reply."""
        self._due = self._loop.time() + seconds
        if self._alarm is None or self._alarm.when() > self._due:
            self._set_alarm()
        try:
            await future
        finally:
            self._due = 0.0

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._due, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        self._alarm = None
        if not self._due or self._lost is not None:
            return  # nobody waits
        if self._loop.time() < self._due:
            self._set_alarm()
            return
        # The late answer would be taken for the next message's, so the line cannot be used again.
        self._lose(Lost("timeout"))
        self._transport.abort()

    def _lose(self, lost: Lost) -> None:
        if self._lost is None:
            self._lost = lost
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake(self._reader)
        self._wake(self._room)

    @staticmethod
    def _wake(future: "asyncio.Future[None] | None") -> None:
        if future is not None and not future.done():
            future.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        whole = None if self._buffer else read_replies(data)
        if whole is not None:
            self._replies.extend(whole)
        else:
            self._take_apart(data)
        if len(self._replies) > MOST_REPLIES:
            self._lose(Lost("not_smtp", "more replies than there were commands"))
            self._transport.abort()
        if self._replies:
            self._wake(self._reader)

    def _take_apart(self, data: bytes) -> None:
        self._buffer += data
        try:
            while (found := take_reply(self._buffer)) is not None:
                self._replies.append(found)
        except Unreadable as error:
            self._lose(Lost("not_smtp", str(error)))
            self._transport.abort()

    def resume_writing(self) -> None:
        self._wake(self._room)

    def eof_received(self) -> bool:
        return False  # a half-open line is of no use: close it

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(Lost("connection_lost", str(exc) if exc else ""))
