"""Somebody in between: passes on what client and server say, after changing it, and remembers what the client said.

line = start_between(smtpd, change=lambda said: said.replace(b"250-STARTTLS\\r\\n", b""))
...connect to line.port...
assert b"AUTH" not in line.heard
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Between:
    """The proxy. `change` is given each segment of the server; `pieces` says how many bytes go out at once."""

    target: int
    change: Callable[[bytes], bytes] = bytes
    pieces: int = 1 << 20
    host: str = "127.0.0.1"
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)

    def start(self):
        listener = socket.create_server((self.host, 0))
        self.port = listener.getsockname()[1]
        ready = threading.Event()
        run = lambda: asyncio.run(self._serve(listener, ready))  # noqa: E731
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        ready.wait(5)
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    async def _serve(self, listener, ready):
        self._loop, self._stop, self._tasks = asyncio.get_running_loop(), asyncio.Event(), set()
        server = await asyncio.start_server(self._accept, sock=listener)
        ready.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):  # closed transports let go of their sockets in later rounds of the loop
            await asyncio.sleep(0)

    async def _accept(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        ways = [
            asyncio.create_task(self._to_server(reader, far_writer)),
            asyncio.create_task(self._to_client(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()
            far_writer.transport.abort()
            self._tasks.discard(asyncio.current_task())

    async def _to_server(self, reader, writer):
        while said := await reader.read(65536):
            self.heard += said
            writer.write(said)
            await writer.drain()

    async def _to_client(self, reader, writer):
        # One segment for each piece: otherwise the system puts small ones together again.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while said := await reader.read(65536):
            changed = self.change(said)
            for start in range(0, len(changed), self.pieces):
                writer.write(changed[start : start + self.pieces])
                await writer.drain()
                await asyncio.sleep(0)
