"""A mail server that takes everything fast and writes down who got what, before it says 250.

    python -m tests.chaos.sink PORT LOG [--delay-ms N] [--no-log]

One line for each message: recipient, tab, Message-ID. Offers PIPELINING and 8BITMIME.
"""

import argparse
import asyncio
import os

HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Talk(asyncio.Protocol):
    """One connection. The content is never copied more often than the socket does."""

    log: int | None = None
    delay = 0.0

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = bytearray()
        self.recipient = b""
        self.in_data = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        self.buffer += data
        out = []
        while True:
            if self.in_data:
                if not self.take_message(out):
                    break
                continue
            end = self.buffer.find(b"\r\n")
            if end < 0:
                break
            line = bytes(self.buffer[:end])
            del self.buffer[: end + 2]
            self.command(line, out)
        if out:
            self.transport.write(b"".join(out))

    def command(self, line, out):
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.recipient = line[line.find(b"<") + 1 : line.find(b">")]
            out.append(b"250 2.1.5 Ok\r\n")
        elif verb == b"DATA":
            self.in_data = True
            out.append(b"354 Go on\r\n")
        elif verb in (b"EHLO", b"HELO"):
            out.append(HELLO)
        elif verb == b"QUIT":
            out.append(b"221 Bye\r\n")
            self.transport.write(b"".join(out))
            out.clear()
            self.transport.close()
        else:
            out.append(b"250 Ok\r\n")

    def take_message(self, out):
        end = self.buffer.find(b"\r\n.\r\n")
        if end < 0:
            return False
        if self.log is not None:
            start = self.buffer.find(b"Message-ID: <")
            stop = self.buffer.find(b">", start)
            os.write(self.log, b"%s\t%s\n" % (self.recipient, self.buffer[start + 13 : stop]))
        del self.buffer[: end + 5]
        self.in_data = False
        if self.delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self.delay, self.transport.write, b"250 2.0.0 Ok\r\n")
        else:
            out.append(b"250 2.0.0 Ok\r\n")
        return True


async def serve(port):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Talk, "127.0.0.1", port, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--no-log", action="store_true")
    options = parser.parse_args()
    if not options.no_log:
        Talk.log = os.open(options.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    Talk.delay = options.delay_ms / 1000
    import uvloop

    uvloop.run(serve(options.port))


if __name__ == "__main__":
    main()
