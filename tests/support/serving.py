"""What the servers of the tests have in common: a thread with a loop of its own, which ends with nothing left open."""

import asyncio
import socket
import threading

import pytest

# Of the loop: what is just being opened arrives, and what is closed lets go of its socket.
LAST_ROUNDS = 5


class Serving:
    """Listens at `host` and `port`, or a free one. `_accept(reader, writer)` has each conversation, a task of `_tasks`.

    Before anything listens `_options` gives what `asyncio.start_server` should know besides.
    """

    def start(self):
        """Listen. Gives itself."""
        listener = socket.create_server((self.host, self.port))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as mail servers do
        self.port = listener.getsockname()[1]
        ready = threading.Event()
        run = lambda: asyncio.run(self._serve(listener, ready))  # noqa: E731
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        ready.wait(5)
        return self

    def stop(self):
        """Close every connection and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _options(self):
        return {}

    async def _serve(self, listener, ready):
        self._loop, self._stop, self._tasks = asyncio.get_running_loop(), asyncio.Event(), set()
        self._writers = set()
        server = await asyncio.start_server(self._open, sock=listener, **self._options())
        ready.set()
        await self._stop.wait()
        server.close()
        for _ in range(LAST_ROUNDS):
            # First: what is canceled before it has begun never closes its socket.
            await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            for writer in self._writers:
                writer.transport.abort()

    def _open(self, reader, writer):
        self._writers.add(writer)
        task = asyncio.create_task(self._accept(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._forget(task, writer))

    def _forget(self, task, writer):
        self._tasks.discard(task)
        self._writers.discard(writer)
        writer.transport.abort()


@pytest.fixture
def closed_port():
    """A port of 127.0.0.1 where nobody answers, and that nobody else gets meanwhile: it is taken, and not listened to."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        yield line.getsockname()[1]
