"""A web server on loopback that says what it is told, byte by byte if need be, and remembers what it was asked.

def test_x(start_httpd):
    httpd = start_httpd(tls=server_context())
    httpd.answer({"access_token": "new"})              # 200 and JSON, for every request from now on
    httpd.answer({"error": "invalid_grant"}, status=400)
    httpd.say(b"HTTP/1.1 200 OK\r\n...")                # these bytes, and the line is closed
    httpd.say(b"x", forever=True)                        # again and again
    httpd.hold()                                         # nothing, and the line stays open
    ...
    assert httpd.asked[0].form["grant_type"] == "refresh_token"
"""

import asyncio
import json
import socket
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest


@dataclass(frozen=True)
class Asked:
    """One request: its first line, its header lines and its form."""

    line: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Httpd:
    """The server. `tls` is a server context."""

    tls: object = None
    host: str = "127.0.0.1"
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    _raw: bytes | None = b""
    _forever: bool = False
    _keep_open: bool = False

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/token"

    def answer(self, data, *, status=200, keep_open=False, headers=""):
        """JSON with its length. `keep_open` leaves the line open, as servers do that do not listen."""
        body = json.dumps(data).encode()
        head = f"HTTP/1.1 {status} It\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.say(head.encode() + body)
        self._keep_open = keep_open

    def say(self, raw, *, forever=False):
        self._raw, self._forever, self._keep_open = raw, forever, False

    def hold(self):
        self._raw = None

    def start(self):
        listener = socket.create_server((self.host, self.port))
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
        server = await asyncio.start_server(self._accept, sock=listener, ssl=self.tls)
        ready.set()
        await self._stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for _ in range(3):  # closed transports let go of their sockets in later rounds of the loop
            await asyncio.sleep(0)

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.asked.append(Asked(line, headers, form))
        if self._raw is None:
            await self._stop.wait()
            return
        writer.write(self._raw)
        await writer.drain()
        while self._forever and not writer.is_closing():
            writer.write(self._raw)
            await writer.drain()
            await asyncio.sleep(0)  # drain does not wait while there is room
        if self._keep_open:
            await self._stop.wait()


@pytest.fixture
def start_httpd():
    """Start servers: `start_httpd(tls=server_context())`."""
    started = []

    def start(**options):
        started.append(Httpd(**options).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()
