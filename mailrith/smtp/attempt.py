"""One connect on its way: which phase it is in, since when, and who hears of the phases that went well."""

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import aiosmtplib

from mailrith.smtp.server import Server
from mailrith.smtp.trouble import Phase


@dataclass(frozen=True)
class Passed:
    """A phase that went well. `words` are ours or the server's, depending on the phase; `facts` are for a table."""

    phase: Phase
    duration_ms: int | None
    words: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None  # the certificate's last instant


Observer = Callable[[Passed], None]


class Client(aiosmtplib.SMTP):
    """Closes at once: a polite end of TLS waits up to 30 s for a server that failed us already."""

    def close(self) -> None:
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        super().close()


@dataclass
class Attempt:
    """What has been reached. `line` is the bare socket until `client` owns it."""

    server: Server
    observe: Observer
    phase: Phase = "resolve"
    since: float = field(default_factory=time.perf_counter)
    client: Client | None = None
    line: socket.socket | None = None

    def passed(
        self,
        words: str = "",
        facts: Mapping[str, str] | None = None,
        *,
        timed: bool = True,
        until: datetime | None = None,
    ) -> None:
        """Report the present phase and restart the clock, which does not run while the observer is busy."""
        spent = round((time.perf_counter() - self.since) * 1000) if timed else None
        self.observe(Passed(self.phase, spent, words, facts or {}, until))
        self.since = time.perf_counter()

    def give_up(self) -> None:
        """Close whatever is open."""
        if self.client is not None:
            self.client.close()
        if self.line is not None:
            self.line.close()


def unobserved(passed: Passed) -> None:
    """Nobody listens."""
