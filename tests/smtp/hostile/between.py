"""Somebody in between: passes on what client and server say, after changing it, and remembers what the client said.

line = start_between(smtpd, change=lambda said: said.replace(b"250-STARTTLS\\r\\n", b""))
...connect to line.port...
assert b"AUTH" not in line.heard
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.serving import Serving


@dataclass
class Between(Serving):
    """The proxy. `change` is given each segment of the server; `pieces` says how many bytes go out at once."""

    target: int
    change: Callable[[bytes], bytes] = bytes
    pieces: int = 1 << 20
    host: str = "127.0.0.1"
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)

    async def _accept(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        ways = [
            asyncio.create_task(self._to_server(reader, far_writer)),
            asyncio.create_task(self._to_client(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:  # first what cannot be interrupted
            writer.transport.abort()
            far_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

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
