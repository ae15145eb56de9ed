"""A mail server that takes everything and keeps nothing, at a few microseconds a message.

    python -m tests.bench.sink METER [--no-chunking] [--no-pipelining]

Prints its port. One process, one epoll, one buffer for all: nothing is copied, decoded or kept, so that what is measured
is who sends. It speaks real SMTP all the same (DATA to its dot wherever it falls, BDAT by its length, RSET, QUIT).

METER is a file of three numbers: messages taken, and when the first and the last one were (time.time). Others read it while
it is written.
"""

import argparse
import mmap
import select
import socket
import struct
import sys
import time
from pathlib import Path

LARGEST_READ = 512 * 1024
READING = struct.Struct("=Qdd")
REPLIES = {
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
TAKEN = b"250 2.0.0 Ok\r\n"


def read_meter(path):
    """(messages, time of the first, time of the last)."""
    return READING.unpack(Path(path).read_bytes())


class Talk:
    """One connection: what is left over of the last read, and what it is in the middle of."""

    __slots__ = ("in_content", "left", "rest", "send", "take")

    def __init__(self, line):
        self.take, self.send = line.recv_into, line.send
        self.rest = b""
        self.in_content = False
        self.left = 0  # bytes of a chunk that are still to come; 0 in no chunk


class Sink:
    def __init__(self, meter, hello):
        with Path(meter).open("w+b") as file:
            file.write(READING.pack(0, 0, 0))
            file.flush()
            self.meter = mmap.mmap(file.fileno(), READING.size)
        self.hello = hello
        self.count, self.first = 0, 0.0
        self.buffer = bytearray(LARGEST_READ)
        self.view = memoryview(self.buffer)

    def serve(self, listener):
        poll = select.epoll()
        poll.register(listener.fileno(), select.EPOLLIN)
        lines, talks = {}, {}
        while True:
            for number, _ in poll.poll():
                talk = talks.get(number)
                if talk is None:
                    line, _ = listener.accept()
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    line.send(b"220 sink ESMTP\r\n")
                    lines[line.fileno()], talks[line.fileno()] = line, Talk(line)
                    poll.register(line.fileno(), select.EPOLLIN)
                elif not self.listen(talk):
                    poll.unregister(number)
                    lines.pop(number).close()
                    del talks[number]

    def listen(self, talk):
        """Read once and answer. Whether the connection goes on."""
        kept = len(talk.rest)
        if kept:
            self.buffer[:kept] = talk.rest
        try:
            size = talk.take(self.view[kept:])
            if not size:
                return False
            replies, going_on = self.follow(talk, kept + size)
            if replies:
                talk.send(replies[0] if len(replies) == 1 else b"".join(replies))
        except ConnectionError:
            return False
        return going_on

    def follow(self, talk, end):
        """The replies to what stands in the buffer, and whether it was not QUIT."""
        buffer, at, replies = self.buffer, 0, []
        while True:
            if talk.left:
                step = min(talk.left, end - at)
                talk.left -= step
                at += step
                if talk.left:
                    break
                replies.append(self.taken())
            elif talk.in_content:
                dot = buffer.find(b"\r\n.\r\n", at, end)
                if dot < 0:
                    at = max(at, end - 4)  # it may be cut in two
                    break
                at = dot + 5
                talk.in_content = False
                replies.append(self.taken())
            else:
                stop = buffer.find(b"\r\n", at, end)
                if stop < 0:
                    break
                verb = bytes(buffer[at : at + 4]).upper()
                if verb == b"DATA":
                    talk.in_content = True
                    replies.append(b"354 Go on\r\n")
                    at = stop  # a lone dot is a message too
                    continue
                if verb == b"BDAT":
                    talk.left = int(buffer[at + 5 : stop].split()[0])
                elif verb in (b"EHLO", b"HELO"):
                    replies.append(self.hello)
                else:
                    replies.append(REPLIES.get(verb, b"500 5.5.2 What?\r\n"))
                    if verb == b"QUIT":
                        return replies, False
                at = stop + 2
        talk.rest = bytes(buffer[at:end]) if at < end else b""
        return replies, True

    def taken(self):
        now = time.time()
        self.first = self.first or now
        self.count += 1
        READING.pack_into(self.meter, 0, self.count, self.first, now)
        return TAKEN


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("meter")
    parser.add_argument("--no-chunking", action="store_true")
    parser.add_argument("--no-pipelining", action="store_true")
    options = parser.parse_args()
    words = [b"sink", b"8BITMIME"]
    words += [] if options.no_pipelining else [b"PIPELINING"]
    words += [] if options.no_chunking else [b"CHUNKING"]
    hello = b"".join(b"250-%s\r\n" % word for word in words[:-1]) + b"250 %s\r\n" % words[-1]
    listener = socket.create_server(("127.0.0.1", 0), backlog=500)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    Sink(options.meter, hello).serve(listener)


if __name__ == "__main__":
    main()
