"""A server far away: passes bytes on, each half a round trip later. `python -m tests.bench.distance PORT RTT_MS`.

Prints its port. Order is kept, nothing is lost, and bandwidth is not limited: only the time that light takes.
"""

import argparse
import asyncio
import socket
from collections import deque

import uvloop


class End(asyncio.Protocol):
    """One end of a line; what arrives here leaves at `other`, later."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.other = None
        self.transport = None
        self.waiting = deque()  # (when, bytes); empty bytes are the end of the line
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport):
        self.transport = transport
        line = transport.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.later(data)

    def connection_lost(self, exc):
        self.later(b"")

    def later(self, data):
        when = self.loop.time() + self.seconds
        self.waiting.append((when, data))
        if len(self.waiting) == 1 and self.other is not None:
            self.loop.call_at(when, self.deliver)

    def deliver(self):
        now = self.loop.time() + 0.0005  # the clock of timers has milliseconds
        while self.waiting and self.waiting[0][0] <= now:
            _, data = self.waiting.popleft()
            out = self.other.transport
            if not data:
                out.close()
            elif not out.is_closing():
                out.write(data)
        if self.waiting:
            self.loop.call_at(self.waiting[0][0], self.deliver)


class Near(End):
    """The end that clients connect to. What arrives before the far end is there waits for it."""

    def __init__(self, port, seconds):
        super().__init__(seconds)
        self.port = port

    def connection_made(self, transport):
        super().connection_made(transport)
        self.reaching = self.loop.create_task(self.reach())

    async def reach(self):
        await asyncio.sleep(self.seconds * 2)  # TCP's own first round trip
        _, far = await self.loop.create_connection(
            lambda: End(self.seconds), "127.0.0.1", self.port
        )
        self.other, far.other = far, self
        self.deliver()
        far.deliver()  # its greeting may have been faster


async def serve(port, seconds):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Near(port, seconds), "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("rtt_ms", type=float)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.rtt_ms / 2000))


if __name__ == "__main__":
    main()
