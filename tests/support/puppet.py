"""A mail server of which the test says every word: for what no sensible server would do, or not at that moment.

def conversation(line):
    line.hello()
    line.until(b"DATA\\r\\n")
    line.say("250 sender", "250 recipient", "354 go on")

puppet = start_puppet(conversation)     # the n-th connection gets the n-th conversation, the last one all further ones
"""

import socket
import threading

import pytest

HELLO = ("PIPELINING", "8BITMIME")
PATIENCE_SECONDS = 10


class Line:
    """The server's end of one connection. `heard` is everything that came."""

    def __init__(self, line):
        self.line = line
        self.line.settimeout(PATIENCE_SECONDS)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = b""
        self.read = 0

    def hello(self, *extensions):
        """Greet, and answer EHLO."""
        self.say("220 puppet ESMTP")
        self.until(b"\r\n")
        *more, last = ["puppet", *(extensions or HELLO)]
        self.say(*(f"250-{word}" for word in more), f"250 {last}")

    def say(self, *replies):
        self.line.sendall("".join(f"{reply}\r\n" for reply in replies).encode())

    def spell(self, *replies):
        """The same, one byte at a time."""
        for byte in "".join(f"{reply}\r\n" for reply in replies).encode():
            self.line.sendall(bytes([byte]))

    def until(self, words):
        """Read as far as `words`. Gives what came since the last time. EOFError when the client has left."""
        while (end := self.heard.find(words, self.read)) < 0:
            data = self.line.recv(65536)
            if not data:
                raise EOFError
            self.heard += data
        came = self.heard[self.read : end + len(words)]
        self.read = end + len(words)
        return came

    def rest(self):
        """Everything until the client leaves."""
        try:
            self.until(b"never said")
        except (EOFError, ConnectionError):
            return self.heard[self.read :]


class Puppet:
    host = "127.0.0.1"

    def __init__(self, conversations):
        self.conversations = conversations
        self.lines = []
        self.failures = []
        self.listener = socket.create_server((self.host, 0))
        self.port = self.listener.getsockname()[1]
        self.talks = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            self.lines.append(Line(accepted))
            number = min(len(self.lines), len(self.conversations))
            talk = threading.Thread(
                target=self._talk, args=(self.conversations[number - 1], self.lines[-1])
            )
            self.talks.append(talk)
            talk.start()

    def _talk(self, conversation, line):
        try:
            conversation(line)
        except (EOFError, ConnectionError):
            pass
        except Exception as error:
            self.failures.append(error)
        finally:
            line.line.close()

    def wait(self):
        """Until every conversation has come to its end."""
        for talk in self.talks:
            talk.join(PATIENCE_SECONDS)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(PATIENCE_SECONDS)
        self.wait()


@pytest.fixture
def start_puppet():
    """Start servers; a conversation that went otherwise than it expected fails the test."""
    started = []

    def start(*conversations):
        started.append(Puppet(conversations))
        return started[-1]

    yield start
    for puppet in started:
        puppet.stop()
        assert not puppet.failures
