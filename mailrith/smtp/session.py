"""One signed-in line that carries one message after another.

Every phase is separate, so that an outcome always knows whether the final dot was written: until then a message can be
sent again without doubt, after it only the server's reply says what became of it (RFC 1047).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mailrith.core.network import is_loopback_host
from mailrith.core.reserved import reserved
from mailrith.smtp.discretion import discreet
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server
from mailrith.smtp.wire import Lost, Wire

Stage = Literal["connect", "local", "mail", "rcpt", "data", "content", "dot"]
Kind = Literal["sent", "refused", "deferred", "not_sent", "in_doubt"]

QUIT_SECONDS = 2
PROBE_SECONDS = 10
ONE_WRITE_BYTES = 64 * 1024  # what surely fits into a socket buffer goes together with its dot
BAD_PATH = re.compile(r"[\x00-\x20\x7f<>\u0080-\u00a0\u2028\u2029]")
LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message to one recipient.

    sent: the server took it. refused and deferred: it said 5xx or 4xx at `stage`. not_sent: the final dot was certainly
    not written; send it again. in_doubt: the dot was written and no reply came. `cause` is a key of `causes`, for the last two.
    """

    kind: Kind
    stage: Stage
    reply: Reply | None = None
    cause: str = ""
    words: str = ""  # what the system said about a lost line


def _always() -> bool:
    return True


class Session:
    """A line to `server`. One message at a time; `usable` says whether it can carry another."""

    def __init__(
        self, wire: Wire, server: Server, features: frozenset[str], *, max_bytes: int | None
    ) -> None:
        self.server = server
        self.features = features
        self.max_bytes = max_bytes  # announced by SIZE (RFC 1870)
        self.announced = ""  # the EHLO keywords with their values, for people
        self.count = 0  # messages tried
        self._wire = wire
        self._pipelining = "pipelining" in features
        self._smtputf8 = "smtputf8" in features
        self._eight_bit = "8bitmime" in features
        self._real_people_only = not is_loopback_host(server.host)
        self._reset_first = False

    @property
    def usable(self) -> bool:
        """Whether another message may be sent: the line is alive and the number a session carries is not reached."""
        return self._wire.alive and self.count < self.server.messages_per_session

    async def send(
        self,
        envelope_sender: str,
        recipient: str,
        message: bytes,
        before_dot: Callable[[], bool] = _always,
        *,
        ready: bool = False,
    ) -> Outcome:
        """Carry one message. `envelope_sender` may be empty; `before_dot` is asked last: False leaves without the dot.

        Addresses are without angle brackets, their domains in ASCII. `message` has its header; lone CR and LF become CRLF
        and dots are doubled, unless it is `ready`, that is, went through `stuffed` before (a quarter of the time).
        """
        problem = self._unfit(envelope_sender, recipient, message)
        if problem is not None:
            return problem
        self.count += 1
        stage: list[Stage] = ["mail"]
        known = False
        try:
            commands = self._commands(envelope_sender, recipient, message)
            body = message if ready else stuffed(message)
            outcome = await self._transact(commands, body, before_dot, stage)
        except Lost as lost:
            known = True
            kind: Kind = "in_doubt" if stage[0] == "dot" else "not_sent"
            return Outcome(kind, stage[0], None, lost.cause, lost.words)
        else:
            known = True
            return outcome
        finally:
            if not known:
                self._wire.abort()  # canceled in between: nobody knows which reply is whose

    async def probe(self) -> bool:
        """Whether an idle line still answers. Ask before using one that has waited."""
        try:
            self._wire.write(b"RSET\r\n")
            alive = (await self._wire.reply(PROBE_SECONDS)).code == 250
        except Lost:
            return False
        self._reset_first = False
        return alive

    async def accepts_sender(self, envelope_sender: str) -> Reply | Lost:
        """What the server answers to MAIL FROM, with the envelope taken back; or how the line was lost."""
        try:
            self._wire.write(f"MAIL FROM:<{envelope_sender}>\r\n".encode())
            answer = await self._wire.reply(self.server.timeouts.command)
        except Lost as lost:
            return lost
        await self.probe()
        return discreet(answer, self.server)

    async def quit(self) -> None:
        """Say good-bye, without waiting long for the answer."""
        try:
            self._wire.write(b"QUIT\r\n")
            await self._wire.reply(QUIT_SECONDS)
        except Lost:
            return
        finally:
            self._wire.abort()

    def abort(self) -> None:
        """Close the line now. A message whose dot was not written is not delivered."""
        self._wire.abort()

    async def _transact(
        self,
        commands: list[tuple[Stage, bytes]],
        body: bytes,
        before_dot: Callable[[], bool],
        stage: list[Stage],
    ) -> Outcome:
        refusal = await self._envelope(commands, stage)
        if refusal is not None:
            return refusal
        stage[0] = "content"
        if len(body) > ONE_WRITE_BYTES:
            self._wire.write(body)
            await self._wire.drain(self.server.timeouts.block)
            body = b""
        if not before_dot():
            self._wire.abort()
            return Outcome("not_sent", "content", None, "stopped_before_dot")
        if not self._wire.alive:
            raise Lost("connection_lost")
        stage[0] = "dot"
        self._wire.write(body + b".\r\n")
        reply = await self._wire.reply(self.server.timeouts.dot)
        if 200 <= reply.code < 300:
            return Outcome("sent", "dot", reply)
        return self._refusal("dot", reply)

    def _commands(self, sender: str, recipient: str, message: bytes) -> list[tuple[Stage, bytes]]:
        options = "" if message.isascii() else " BODY=8BITMIME"
        if not (sender + recipient).isascii():
            options += " SMTPUTF8"
        return [
            ("mail", f"MAIL FROM:<{sender}>{options}\r\n".encode()),
            ("rcpt", f"RCPT TO:<{recipient}>\r\n".encode()),
            ("data", b"DATA\r\n"),
        ]

    async def _envelope(
        self, commands: list[tuple[Stage, bytes]], stage: list[Stage]
    ) -> Outcome | None:
        """MAIL, RCPT and DATA, in one write where the server allows it. None when it waits for the content."""
        wire, seconds = self._wire, self.server.timeouts.command
        reset = b"RSET\r\n" if self._reset_first else b""
        if self._pipelining:
            wire.write(reset + b"".join(command for _, command in commands))
        elif reset:
            wire.write(reset)
        if reset:
            await wire.reply(seconds)
            self._reset_first = False
        refusal: Outcome | None = None
        for name, command in commands:
            stage[0] = name
            if not self._pipelining:
                wire.write(command)
            reply = await wire.reply(self.server.timeouts.data if name == "data" else seconds)
            wanted = reply.code == 354 if name == "data" else 200 <= reply.code < 300
            if not wanted and refusal is None:
                refusal = self._refusal(name, reply)
            if refusal is not None and (not self._pipelining or not wire.alive):
                return refusal
        if refusal is not None and reply.code == 354:
            # It waits for content although it refused the envelope: a lone dot ends that (RFC 2920, 3.1).
            wire.write(b".\r\n")
            await wire.reply(self.server.timeouts.dot)
        return refusal

    def _refusal(self, stage: Stage, reply: Reply) -> Outcome:
        self._reset_first = True
        reply = discreet(reply, self.server)
        if reply.code == 421:  # it closes the line (RFC 5321, 3.8)
            self._wire.abort()
        if 400 <= reply.code < 500:
            return Outcome("deferred", stage, reply)
        if 500 <= reply.code < 600:
            return Outcome("refused", stage, reply)
        # Neither yes nor no, and the next reply may be anybody's.
        self._wire.abort()
        kind: Kind = "in_doubt" if stage == "dot" else "not_sent"
        return Outcome(kind, stage, reply, "not_smtp")

    def _unfit(self, sender: str, recipient: str, message: bytes) -> Outcome | None:
        """Why this message cannot go over this line at all, in the form of a reply of our own."""
        if BAD_PATH.search(sender):
            return _own(
                553, "5.1.7", "The sender address contains characters that SMTP does not carry"
            )
        if not recipient or BAD_PATH.search(recipient):
            return _own(553, "5.1.3", "The address contains characters that SMTP does not carry")
        if self._real_people_only and reserved(recipient):
            return _own(
                553, "5.1.2", "This domain is set aside for examples; nobody reads mail there"
            )
        if not self._smtputf8 and not (sender + recipient).isascii():
            return _own(
                553,
                "5.6.7",
                "This server does not take addresses with such characters (no SMTPUTF8)",
            )
        if not self._eight_bit and not message.isascii():
            return _own(554, "5.6.3", "This server takes 7-bit messages only (no 8BITMIME)")
        if b"\x00" in message:
            return _own(554, "5.6.0", "The message contains a NUL byte")
        if self.max_bytes is not None and len(message) > self.max_bytes:
            return _own(
                552,
                "5.3.4",
                f"The message is larger than the {self.max_bytes} bytes this server takes",
            )
        return None


def stuffed(message: bytes) -> bytes:
    """`message` with CRLF line ends, a dot doubled at the start of a line, and a line end at its end (RFC 5321, 4.5.2)."""
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = LINE_END.sub(b"\r\n", message)
    if message.startswith(b"."):
        message = b"." + message
    if b"\r\n." in message:
        message = message.replace(b"\r\n.", b"\r\n..")
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def _own(code: int, enhanced: str, text: str) -> Outcome:
    return Outcome("refused", "local", Reply(code, f"{enhanced} {text}"))
