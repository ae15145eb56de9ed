"""One signed-in line that carries one message after another.

Every phase is separate, so that an outcome always knows whether the final dot was written: until then a message can be
sent again without doubt, after it only the server's reply says what became of it (RFC 1047).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mailrith.core.network import is_loopback_host
from mailrith.smtp.body import stuffed, wired
from mailrith.smtp.discretion import discreet
from mailrith.smtp.fitness import Fitness
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server
from mailrith.smtp.wire import Lost, Wire

Stage = Literal["connect", "local", "mail", "rcpt", "data", "content", "dot"]
Kind = Literal["sent", "refused", "deferred", "not_sent", "in_doubt"]

QUIT_SECONDS = 2
PROBE_SECONDS = 10
ONE_WRITE_BYTES = 64 * 1024  # what surely fits into a socket buffer goes together with its dot
NOT_UNDERSTOOD = frozenset({500, 501, 502, 504})  # RFC 5321, 4.2.4


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


@dataclass(slots=True)
class _Way:
    """How far a message has come. `dotted`: what ends it was written, so it may arrive."""

    stage: Stage = "mail"
    dotted: bool = False


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
        self._chunking = self._pipelining and "chunking" in features
        self._fitness = Fitness(
            smtputf8="smtputf8" in features,
            eight_bit="8bitmime" in features,
            real_people_only=not is_loopback_host(server.host),
            max_bytes=max_bytes,
        )
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
        and dots are doubled where DATA needs it, unless it is `ready`: CRLF only, one at its end, and no line begins with a
        dot, as `content.compiled` builds it. Looking for one costs as much as the reply.
        """
        objection = self._fitness.objection(envelope_sender, recipient, message)
        if objection is not None:
            return Outcome("refused", "local", objection)
        self.count += 1
        way = _Way()
        known = False
        try:
            commands = self._commands(envelope_sender, recipient, message)
            if self._chunking:
                await self._resynchronise()
            if self._chunking and len(message) <= ONE_WRITE_BYTES:
                body = message if ready else wired(message)
                outcome = await self._in_one_trip(commands, body, before_dot, way)
            else:
                body = message if ready else stuffed(message)
                outcome = await self._transact(commands, body, before_dot, way)
        except Lost as lost:
            known = True
            if way.dotted:
                return Outcome("in_doubt", "dot", None, lost.cause, lost.words)
            return Outcome("not_sent", way.stage, None, lost.cause, lost.words)
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
        way: _Way,
    ) -> Outcome:
        """Envelope and DATA, then the content with its dot: two round trips, or four in lock-step."""
        commands.append(("data", b"DATA\r\n"))
        refusal = await self._envelope(commands, way)
        if refusal is not None:
            return refusal
        way.stage = "content"
        if len(body) > ONE_WRITE_BYTES:
            self._wire.write(body)
            await self._wire.drain(self.server.timeouts.block)
            body = b""
        stopped = self._stopped(before_dot, way)
        if stopped is not None:
            return stopped
        way.stage = "dot"
        self._wire.write(body + b".\r\n")
        reply = await self._wire.reply(self.server.timeouts.dot)
        if 200 <= reply.code < 300:
            return Outcome("sent", "dot", reply)
        return self._refusal(reply, way)

    async def _in_one_trip(
        self,
        commands: list[tuple[Stage, bytes]],
        body: bytes,
        before_dot: Callable[[], bool],
        way: _Way,
    ) -> Outcome:
        """Envelope and message in one write, one round trip (RFC 3030 with 2920). BDAT LAST is the dot.

        What is too large for one write takes DATA instead: so its dot can wait until the content has left.
        """
        stopped = self._stopped(before_dot, way)
        if stopped is not None:
            return stopped
        commands.append(("dot", b"BDAT %d LAST\r\n" % len(body)))
        self._wire.write(b"".join([*(command for _, command in commands), body]))
        refusal: Outcome | None = None
        for way.stage, _ in commands:
            try:
                reply = await self._wire.reply(self._patience(way.stage))
            except Lost:
                if refusal is None:
                    raise
                return refusal  # without an envelope there was nothing to take
            if not 200 <= reply.code < 300 and refusal is None:
                refusal = self._refusal(reply, way)
            if refusal is not None and not self._wire.alive:
                return refusal
        if reply.code in NOT_UNDERSTOOD:
            self._wire.abort()  # it may take the content for commands
        return refusal or Outcome("sent", "dot", reply)

    async def _resynchronise(self) -> None:
        """After a refusal, alone: some servers read the content of a refused BDAT as commands and reply to each line.

        Raises Lost when the next reply is not the one to RSET.
        """
        if self._reset_first:
            self._wire.write(b"RSET\r\n")
            reply = await self._wire.reply(self.server.timeouts.command)
            if reply.code != 250:
                self._wire.abort()
                raise Lost("not_smtp", reply.words)
            self._reset_first = False

    def _stopped(self, before_dot: Callable[[], bool], way: _Way) -> Outcome | None:
        """The last question before the dot. From here on the message may arrive."""
        if not before_dot():
            self._wire.abort()
            return Outcome("not_sent", way.stage, None, "stopped_before_dot")
        if not self._wire.alive:
            raise Lost("connection_lost")
        way.dotted = True
        return None

    def _patience(self, stage: Stage) -> float:
        """Seconds to wait for the reply of a stage."""
        timeouts = self.server.timeouts
        return {"data": timeouts.data, "dot": timeouts.dot}.get(stage, timeouts.command)

    def _commands(self, sender: str, recipient: str, message: bytes) -> list[tuple[Stage, bytes]]:
        options = "" if message.isascii() else " BODY=8BITMIME"
        if not (sender + recipient).isascii():
            options += " SMTPUTF8"
        return [
            ("mail", f"MAIL FROM:<{sender}>{options}\r\n".encode()),
            ("rcpt", f"RCPT TO:<{recipient}>\r\n".encode()),
        ]

    async def _envelope(self, commands: list[tuple[Stage, bytes]], way: _Way) -> Outcome | None:
        """MAIL, RCPT and DATA, in one write where the server allows it. None when it waits for the content."""
        wire = self._wire
        reset = b"RSET\r\n" if self._reset_first else b""
        if self._pipelining:
            wire.write(reset + b"".join(command for _, command in commands))
        elif reset:
            wire.write(reset)
        if reset:
            await wire.reply(self.server.timeouts.command)
            self._reset_first = False
        refusal: Outcome | None = None
        for name, command in commands:
            way.stage = name
            if not self._pipelining:
                wire.write(command)
            reply = await wire.reply(self._patience(name))
            wanted = reply.code == 354 if name == "data" else 200 <= reply.code < 300
            if not wanted and refusal is None:
                refusal = self._refusal(reply, way)
            if refusal is not None and (not self._pipelining or not wire.alive):
                return refusal
        if refusal is not None and reply.code == 354:
            # It waits for content although it refused the envelope: a lone dot ends that (RFC 2920, 3.1).
            wire.write(b".\r\n")
            await wire.reply(self.server.timeouts.dot)
        return refusal

    def _refusal(self, reply: Reply, way: _Way) -> Outcome:
        self._reset_first = True
        reply = discreet(reply, self.server)
        if reply.code == 421:  # it closes the line (RFC 5321, 3.8)
            self._wire.abort()
        if 400 <= reply.code < 500:
            return Outcome("deferred", way.stage, reply)
        if 500 <= reply.code < 600:
            return Outcome("refused", way.stage, reply)
        # Neither yes nor no, and the next reply may be anybody's.
        self._wire.abort()
        if way.dotted:
            return Outcome("in_doubt", "dot", reply, "not_smtp")
        return Outcome("not_sent", way.stage, reply, "not_smtp")
