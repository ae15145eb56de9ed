"""What a worker keeps warm between send jobs: the event loop, a thread for the database, the open SMTP sessions.

After any exception that leaves the loop all of it is thrown away, because nobody knows then which reply is whose.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from mailrith.delivery.lines import IDLE_SECONDS, Lines

T = TypeVar("T")


def _nobody_waits() -> bool:
    return False


class Engine:
    """One for each worker process. `draining` is set from a signal handler and read by the sender."""

    def __init__(self) -> None:
        self.draining = False
        self.others_wait: Callable[[], bool] = _nobody_waits  # whether other jobs want this worker
        self._runner: asyncio.Runner | None = None
        self._lines: Lines | None = None
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
        """Run `work` on the warm loop."""
        if self._runner is None:
            self._runner = asyncio.Runner(loop_factory=_loop_factory())
        whole = False
        try:
            result = self._runner.run(work, context=copy_context())  # of this job, not the first
            whole = True
        finally:
            if not whole:
                self.discard()
        return result

    def rest(self) -> None:
        """Between jobs: leave sessions that nobody has used for a while."""
        if self._runner is not None and self._lines is not None:
            self.run(self._lines.close(older_than=IDLE_SECONDS))

    def close(self) -> None:
        """Say good-bye to every server and end the loop."""
        if self._runner is not None and self._lines is not None:
            self.run(self._lines.close())
        self.discard()

    def discard(self) -> None:
        """Throw everything away."""
        runner, self._runner = self._runner, None
        if self._lines is not None:
            with suppress(RuntimeError):  # the loop may be closed already
                self._lines.abandon()
            self._lines = None
        if runner is not None:
            with suppress(RuntimeError):
                runner.run(asyncio.sleep(0))  # sockets are closed by the loop's next turn
                runner.close()
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


_engine: Engine | None = None


def current() -> Engine:
    """The engine of this process."""
    global _engine  # noqa: PLW0603 - one for each process
    if _engine is None:
        _engine = Engine()
    return _engine
