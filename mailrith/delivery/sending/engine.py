"""What a worker keeps warm between send jobs: the event loop, a thread for the database, the open SMTP sessions.

After any exception that leaves the loop all of it is thrown away, because nobody knows then which reply is whose.
"""

import atexit
import secrets
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mailrith.delivery.sending.lines import Lines
from mailrith.delivery.sending.loop import Loop
from mailrith.delivery.sending.resting import Resting

T = TypeVar("T")


def _nobody_waits() -> bool:
    return False


class Engine:
    """One for each worker process. `draining` is set from a signal handler and read by the sender."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(8)  # under which its sessions are counted
        self.draining = False
        self.others_wait: Callable[[], bool] = _nobody_waits  # whether other jobs want this worker
        self._loop: Loop | None = None
        self._lines: Lines | None = None
        self._resting: Resting | None = None
        self._thread: ThreadPoolExecutor | None = None

    @property
    def lines(self) -> Lines:
        """The sessions of the present loop."""
        if self._lines is None:
            self._lines = Lines()
        return self._lines

    @property
    def thread(self) -> ThreadPoolExecutor:
        """One thread, so that what the ledger does happens in order."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        return self._thread

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the warm loop, and wait for it."""
        if self._loop is None:
            self._loop = Loop()
        whole = False
        try:
            result = self._loop.run(work)
            whole = True
        finally:
            if not whole:
                self.discard()
        return result

    def rest(self) -> None:
        """On the loop, after a slice: from now on its sessions are kept for the next one, or for another worker."""
        if self._resting is None:
            self._resting = Resting(self.lines, self.name)
        self._resting.begin()

    def close(self) -> None:
        """Say good-bye to every server and end the loop."""
        if self._resting is not None:
            self.run(self._resting.close())
        self.discard()

    def discard(self) -> None:
        """Throw everything away."""
        loop, self._loop = self._loop, None
        if loop is not None:
            if self._lines is not None:
                loop.run(_abandon(self._lines))
            loop.close()
        self._lines = self._resting = None
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None


async def _abandon(lines: Lines) -> None:
    lines.abandon()


_engine: Engine | None = None


def current() -> Engine:
    """The engine of this process."""
    global _engine  # noqa: PLW0603 - one for each process
    if _engine is None:
        _engine = Engine()
        atexit.register(_engine.discard)
    return _engine
