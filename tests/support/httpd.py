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
import contextlib
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from tests.support.serving import Serving


@dataclass(frozen=True)
class Asked:
    """One request: its first line, its header lines and its form."""

    line: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Httpd(Serving):
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

    def _options(self):
        return {"ssl": self.tls}

    async def _accept(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            await self._talk(reader, writer)
            writer.close()
            await writer.wait_closed()

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
