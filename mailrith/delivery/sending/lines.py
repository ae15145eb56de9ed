"""Signed-in sessions that stay open between slices, by the server and credentials they belong to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from mailrith.core.clock import ticking
from mailrith.smtp.server import Server
from mailrith.smtp.session import Session

PROBE_AFTER_SECONDS = 5  # a line that has been idle longer is asked whether it still answers
IDLE_SECONDS = 60  # longer than that we would only occupy a place at the server


@dataclass(frozen=True, slots=True)
class _Idle:
    session: Session
    since: float


class Lines:
    """Idle sessions. Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: dict[str, list[_Idle]] = defaultdict(list)
        self._alone: set[str] = set()  # servers that lose an envelope behind a dot
        self._going: set[Session] = set()  # they say good-bye
        self._names: dict[str, str] = {}  # under which name all workers count a server's sessions

    @property
    def open_count(self) -> int:
        """How many sessions wait."""
        return sum(len(idles) for idles in self._idle.values())

    def count_as(self, server: Server, name: str) -> None:
        """All workers count the sessions of this server under this name."""
        self._names[server.pool_key] = name

    @property
    def names(self) -> set[str]:
        """The names of those that wait."""
        return {self._names[key] for key, its in self._idle.items() if its and key in self._names}

    def warm(self, name: str, server: Server | None = None) -> int:
        """How many wait to this server; or how many count under this name, with those that are just saying good-bye."""
        if server is not None:
            return len(self._of(name, server))
        going = (self._names.get(session.server.pool_key) == name for session in self._going)
        return len(self._of(name)) + sum(going)

    async def spare(self, name: str, count: int, server: Server | None = None) -> None:
        """Say good-bye on so many of this name. Those to this server, which can be used now, go last."""
        usable = self._of(name, server) if server else []
        leaving = sorted(self._of(name), key=lambda idle: (idle in usable, idle.since))[:count]
        await self._say_good_bye(self._remove(lambda idle: idle in leaving))

    async def take(self, server: Server) -> Session | None:
        """An idle session to this server that still answers, or None. Those of a former password are closed."""
        for session in self._remove(lambda idle: _succeeds(server, idle.session.server)):
            session.abort()
        waiting = self._idle[server.pool_key]
        while waiting:
            idle = waiting.pop()
            rested = ticking() - idle.since
            if idle.session.usable and (rested < PROBE_AFTER_SECONDS or await idle.session.probe()):
                return idle.session
            idle.session.abort()
        return None

    def give(self, session: Session) -> None:
        """Keep it for the next slice, if it can carry another message."""
        if session.usable and not session.committed:
            self._idle[session.server.pool_key].append(_Idle(session, ticking()))
        else:
            session.abort()

    def send_alone(self, server: Server) -> None:
        """From now on it gets each envelope after the answer to the dot before it: it did not hear what came behind one."""
        self._alone.add(server.pool_key)

    def sends_alone(self, server: Server) -> bool:
        """Whether each envelope has to wait for the answer to the dot before it."""
        return server.pool_key in self._alone

    async def close(self, *, older_than: float = 0.0) -> None:
        """Say good-bye on every session that has been idle for so many seconds."""
        limit = ticking() - older_than
        await self._say_good_bye(self._remove(lambda idle: idle.since <= limit))

    async def leave(self, server: Server) -> None:
        """Say good-bye on every session of this workspace and connection, whatever its password is now."""
        whose = _whose(server)
        await self._say_good_bye(self._remove(lambda idle: _whose(idle.session.server) == whose))

    def abandon(self) -> None:
        """Close everything at once, without a word."""
        for idles in self._idle.values():
            for idle in idles:
                idle.session.abort()
        self._idle.clear()

    async def _say_good_bye(self, sessions: Collection[Session]) -> None:
        self._going.update(sessions)
        try:
            await asyncio.gather(*(session.quit() for session in sessions))
        finally:
            self._going.difference_update(sessions)

    def _of(self, name: str, server: Server | None = None) -> list[_Idle]:
        keys = [server.pool_key] if server else [k for k, its in self._names.items() if its == name]
        return [idle for key in keys for idle in self._idle.get(key, ()) if idle.session.usable]

    def _remove(self, leaves: Callable[[_Idle], bool]) -> list[Session]:
        leaving = [idle.session for idles in self._idle.values() for idle in idles if leaves(idle)]
        if leaving:
            for key, idles in list(self._idle.items()):
                self._idle[key] = [idle for idle in idles if not leaves(idle)]
                if not self._idle[key]:
                    del self._idle[key]
        return leaving


def _whose(server: Server) -> str:
    """The owner without the fingerprint of the password: "workspace:connection"."""
    return server.owner.rpartition(":")[0]


def _succeeds(server: Server, former: Server) -> bool:
    return former.owner != server.owner and _whose(former) == _whose(server)
