"""An event loop in a thread of its own: it also turns while the worker waits for a job, or does another one."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Runs from the first moment until `close`."""

    def __init__(self) -> None:
        begun: Future[None] = Future()
        self._thread = threading.Thread(target=self._turn, args=(begun,), name="wire", daemon=True)
        self._thread.start()
        begun.result()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives or raises. It runs in a copy of the caller's context, and is canceled if the caller is interrupted."""
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        finally:
            running.cancel()

    def close(self) -> None:
        """Cancel whatever still runs, and end."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _turn(self, begun: "Future[None]") -> None:
        with asyncio.Runner(loop_factory=_factory()) as runner:
            self._loop = runner.get_loop()
            self._over = asyncio.Event()
            begun.set_result(None)
            runner.run(self._until_over())

    async def _until_over(self) -> None:
        await self._over.wait()
        await asyncio.sleep(0)  # sockets are closed by the loop's next turn


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
