"""A mail server that takes everything fast and writes down who got what, before it says 250.

    python -m tests.chaos.sink PORT LOG [--delay-ms N] [--no-log] [--fsync] [--lock-step] [--faults close=0.01,...] [--seed N]

One line for each message: recipient, Message-ID, attempt (of a header that only the harness adds) and time, with tabs
between. Offers PIPELINING and 8BITMIME. Faults, each with its share of the messages, leave a line in LOG.faults:

    close   takes the message and closes without a reply
    drop    closes after the dot and takes nothing
    deaf    takes the message and never replies
    slow    takes the message and replies after two seconds
    cut     closes in the middle of the content
    busy    421 at MAIL, and closes
    defer   451 at RCPT, once for a recipient
    refuse  550 at RCPT
"""

import argparse
import asyncio
import os
import random
import time

HELLO = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
LOCK_STEP = b"250-sink\r\n250 8BITMIME\r\n"
SLOW_SECONDS = 2.0
AT_MAIL = ("busy",)
AT_RCPT = ("defer", "refuse")
IN_CONTENT = ("cut",)
AT_DOT = ("close", "drop", "deaf", "slow")


class Talk(asyncio.Protocol):
    """One connection. The content is never copied more often than the socket does."""

    log: int | None = None
    fault_log: int | None = None
    fsync = False
    hello = HELLO
    delay = 0.0
    faults: dict[str, float] = {}
    deferred: set[bytes] = set()

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = bytearray()
        self.recipient = b""
        self.in_data = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        self.buffer += data
        out = []
        while not self.transport.is_closing():
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
        if out and not self.transport.is_closing():
            self.transport.write(b"".join(out))

    def command(self, line, out):
        verb = line[:4].upper()
        if verb == b"MAIL" and self.fault(AT_MAIL):
            self.leave(out, b"421 4.7.0 Too many messages on this connection\r\n")
        elif verb == b"RCPT":
            self.rcpt(line, out)
        elif verb == b"DATA":
            self.in_data = bool(self.recipient)
            out.append(b"354 Go on\r\n" if self.recipient else b"554 5.5.1 Nobody to send to\r\n")
        elif verb in (b"EHLO", b"HELO"):
            out.append(self.hello)
        elif verb == b"QUIT":
            self.leave(out, b"221 Bye\r\n")
        else:
            out.append(b"250 Ok\r\n")

    def rcpt(self, line, out):
        self.recipient = line[line.find(b"<") + 1 : line.find(b">")]
        fault = self.fault(AT_RCPT)
        if fault == "defer" and self.recipient not in self.deferred:
            self.deferred.add(self.recipient)
            self.recipient = b""
            out.append(b"451 4.2.1 Come again\r\n")
        elif fault == "refuse":
            self.recipient = b""
            out.append(b"550 5.1.1 No such user\r\n")
        else:
            out.append(b"250 2.1.5 Ok\r\n")

    def take_message(self, out):
        end = self.buffer.find(b"\r\n.\r\n")
        if self.buffer and self.fault(IN_CONTENT):
            self.transport.abort()
            return False
        if end < 0:
            return False
        fault = self.fault(AT_DOT)
        if self.log is not None and fault != "drop":
            self.write_down()
        del self.buffer[: end + 5]
        self.in_data = False
        self.recipient = b""
        delay = SLOW_SECONDS if fault == "slow" else self.delay
        if fault in ("close", "drop"):
            self.transport.abort()
        elif fault == "deaf":
            return True
        elif delay:
            self.later(delay)
        else:
            out.append(b"250 2.0.0 Ok\r\n")
        return True

    def write_down(self):
        line = b"\t".join(
            (
                self.recipient,
                self.header(b"Message-ID: <", b">"),
                self.header(b"X-Attempt: ", b"\r\n"),
                b"%.6f\n" % time.time(),
            )
        )
        os.write(self.log, line)
        if self.fsync:
            os.fsync(self.log)

    def header(self, start, stop):
        begin = self.buffer.find(start)
        return (
            bytes(self.buffer[begin + len(start) : self.buffer.find(stop, begin)])
            if begin >= 0
            else b""
        )

    def fault(self, kinds):
        """One of these faults, or nothing, which is the rule."""
        if not self.faults:
            return None
        for kind in kinds:
            if random.random() < self.faults.get(kind, 0):
                os.write(self.fault_log, f"{kind}\n".encode())
                return kind
        return None

    def later(self, seconds):
        asyncio.get_running_loop().call_later(seconds, self.take)

    def take(self):
        if not self.transport.is_closing():
            self.transport.write(b"250 2.0.0 Ok\r\n")

    def leave(self, out, words):
        self.transport.write(b"".join([*out, words]))
        out.clear()
        self.transport.close()


async def serve(port):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Talk, "127.0.0.1", port, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def appending(path):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--no-log", action="store_true")
    parser.add_argument("--fsync", action="store_true")
    parser.add_argument("--lock-step", action="store_true")
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    random.seed(options.seed)
    if not options.no_log:
        Talk.log = appending(options.log)
    Talk.fsync = options.fsync
    Talk.hello = LOCK_STEP if options.lock_step else HELLO
    Talk.delay = options.delay_ms / 1000
    pairs = (pair.split("=") for pair in options.faults.split(",") if pair)
    Talk.faults = {kind: float(share) for kind, share in pairs}
    if Talk.faults:
        Talk.fault_log = appending(options.log + ".faults")
    import uvloop

    uvloop.run(serve(options.port))


if __name__ == "__main__":
    main()
