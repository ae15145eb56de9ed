"""A mail server that takes everything fast and writes down who got what, before it says 250.

    python -m tests.chaos.sink PORT LOG [--delay-ms N] [--no-log] [--fsync] [--lock-step | --chunking] [--sign-in]
                                        [--faults close=0.01,...] [--seed N]

One line for each message: recipient, Message-ID, attempt (of a header that only the harness adds) and time, with tabs
between. Offers PIPELINING and 8BITMIME, with --chunking also CHUNKING (BDAT), with --sign-in AUTH, and then it insists. While
it is about to reply to a message it looks at nothing that follows, so replies never overtake each other.
Faults, each with its share of the messages, leave a line in LOG.faults:

    close     takes the message and closes without a reply
    drop      closes after the dot and takes nothing
    deaf      takes the message and never replies
    slow      takes the message and replies after two seconds
    cut       closes in the middle of the content
    busy      421 at MAIL, and closes
    defer     451 at RCPT, once for a recipient
    refuse    550 at RCPT
    throttle  450 4.7.28 at RCPT, once for a recipient, and only for those at slow.example
    shut      421 at RCPT and closes, once for a recipient, and only for those at slow.example
"""

import argparse
import asyncio
import os
import random
import time

SLOW_SECONDS = 2.0
SLOW_DOMAIN = b"@slow.example"
AT_MAIL = ("busy",)
AT_RCPT = ("defer", "refuse")
AT_SLOW_RCPT = ("throttle", "shut")
IN_CONTENT = ("cut",)
AT_DOT = ("close", "drop", "deaf", "slow")
REFUSALS = {
    "defer": b"451 4.2.1 Come again\r\n",
    "throttle": b"450 4.7.28 Too much mail from you just now\r\n",
    "refuse": b"550 5.1.1 No such user\r\n",
    "shut": b"421 4.7.0 Too many messages to us just now\r\n",
}


class Talk(asyncio.Protocol):
    """One connection. The content is never copied more often than the socket does."""

    log: int | None = None
    fault_log: int | None = None
    fsync = False
    hello = b"250 sink\r\n"
    sign_in = False
    delay = 0.0
    faults: dict[str, float] = {}
    put_off: set[bytes] = set()

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = bytearray()
        self.recipient = b""
        self.in_data = False
        self.chunk = 0  # octets of a BDAT chunk that are still wanted
        self.silent = False  # a reply is due: what follows has to wait
        self.left = False
        self.signed_in = not self.sign_in
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        if not self.left:
            self.buffer += data
            self.follow()

    def follow(self):
        out = []
        while not (self.silent or self.left or self.transport.is_closing()):
            if self.in_data or self.chunk:
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
        elif verb == b"MAIL" and not self.signed_in:
            out.append(b"530 5.7.0 Sign in first\r\n")
        elif verb == b"RCPT":
            self.rcpt(line, out)
        elif verb == b"DATA":
            self.in_data = bool(self.recipient)
            out.append(b"354 Go on\r\n" if self.recipient else b"554 5.5.1 Nobody to send to\r\n")
        elif verb == b"BDAT":
            self.chunk = int(line.split()[1])
        elif verb in (b"EHLO", b"HELO"):
            out.append(self.hello)
        elif verb == b"AUTH":
            self.signed_in = True
            out.append(b"235 2.7.0 Welcome\r\n")
        elif verb == b"QUIT":
            self.leave(out, b"221 Bye\r\n")
        else:
            out.append(b"250 Ok\r\n")

    def rcpt(self, line, out):
        recipient = line[line.find(b"<") + 1 : line.find(b">")]
        self.recipient = b""
        kinds = AT_RCPT + (AT_SLOW_RCPT if recipient.endswith(SLOW_DOMAIN) else ())
        kind = self.fault(kinds if recipient not in self.put_off else ("refuse",))
        if kind in ("defer", *AT_SLOW_RCPT):
            self.put_off.add(recipient)
        if kind == "shut":
            self.leave(out, REFUSALS[kind])
        elif kind:
            out.append(REFUSALS[kind])
        else:
            self.recipient = recipient
            out.append(b"250 2.1.5 Ok\r\n")

    def take_message(self, out):
        """Whether the whole content is there."""
        if self.buffer and self.fault(IN_CONTENT):
            self.transport.abort()
            return False
        end, after = self.content()
        if end < 0:
            return False
        wanted = bool(self.recipient)
        fault = self.fault(AT_DOT) if wanted else None
        if wanted and self.log is not None and fault != "drop":
            self.write_down(end)
        del self.buffer[:after]
        self.in_data, self.chunk, self.recipient = False, 0, b""
        self.answer(out, wanted, fault)
        return True

    def content(self):
        """Where the content in the buffer ends, and where what follows begins; -1 before it is whole."""
        if self.chunk:
            whole = len(self.buffer) >= self.chunk
            return (self.chunk, self.chunk) if whole else (-1, 0)
        end = self.buffer.find(b"\r\n.\r\n")
        return end, end + 5

    def answer(self, out, wanted, fault):
        delay = SLOW_SECONDS if fault == "slow" else self.delay
        if not wanted:
            out.append(b"503 5.5.1 Nobody to send to\r\n")
        elif fault in ("close", "drop"):
            self.transport.abort()
        elif fault == "deaf":
            self.silent = True
        elif delay:
            self.silent = True
            asyncio.get_running_loop().call_later(delay, self.take)
        else:
            out.append(b"250 2.0.0 Ok\r\n")

    def take(self):
        self.silent = False
        if not self.transport.is_closing():
            self.transport.write(b"250 2.0.0 Ok\r\n")
            self.follow()

    def write_down(self, end):
        line = b"\t".join(
            (
                self.recipient,
                self.header(b"Message-ID: <", b">", end),
                self.header(b"X-Attempt: ", b"\r\n", end),
                b"%.6f\n" % time.time(),
            )
        )
        os.write(self.log, line)
        if self.fsync:
            os.fsync(self.log)

    def header(self, start, stop, end):
        begin = self.buffer.find(start, 0, end)
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

    def leave(self, out, words):
        """The last word. What else comes is read and dropped: closing over it would take the word back."""
        self.transport.write(b"".join([*out, words]))
        out.clear()
        self.left = True
        self.transport.write_eof()


async def serve(port, say):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Talk, "127.0.0.1", port, backlog=500)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def appending(path):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def greeting(options):
    words = ["sink", "8BITMIME"]
    words += [] if options.lock_step else ["PIPELINING"]
    words += ["CHUNKING"] if options.chunking else []
    words += ["AUTH PLAIN LOGIN"] if options.sign_in else []
    lines = [f"250-{word}\r\n" for word in words[:-1]] + [f"250 {words[-1]}\r\n"]
    return "".join(lines).encode()


def print_port(port):
    print(port, flush=True)


def main(arguments=None, say=print_port):
    """Serve until killed. `say` is told the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--no-log", action="store_true")
    parser.add_argument("--fsync", action="store_true")
    parser.add_argument("--lock-step", action="store_true")
    parser.add_argument("--chunking", action="store_true")
    parser.add_argument("--sign-in", action="store_true")
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args(arguments)
    random.seed(options.seed)
    if not options.no_log:
        Talk.log = appending(options.log)
    Talk.fsync = options.fsync
    Talk.hello = greeting(options)
    Talk.sign_in = options.sign_in
    Talk.delay = options.delay_ms / 1000
    pairs = (pair.split("=") for pair in options.faults.split(",") if pair)
    Talk.faults = {kind: float(share) for kind, share in pairs}
    if Talk.faults:
        Talk.fault_log = appending(options.log + ".faults")
    import uvloop

    uvloop.run(serve(options.port, say))


if __name__ == "__main__":
    main()
