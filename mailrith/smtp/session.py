"""One signed-in line that carries one message after another.

Every phase is separate, so that an outcome always knows whether the final dot was written: until then a message can be
sent again without doubt, after it only the server's reply says what became of it (RFC 1047).
"""

from collections.abc import Callable

from mailrith.core.network import is_loopback_host
from mailrith.smtp.body import stuffed, wired
from mailrith.smtp.discretion import discreet
from mailrith.smtp.envelope import DATA, Commands, Way, envelope, joined
from mailrith.smtp.fitness import Fitness
from mailrith.smtp.line import RSET, Line
from mailrith.smtp.outcome import Outcome, Stage
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server
from mailrith.smtp.wire import Lost, Wire

__all__ = ["Outcome", "Session"]

ONE_WRITE_BYTES = 64 * 1024  # what surely fits into a socket buffer goes together with its dot
NOT_UNDERSTOOD = frozenset({500, 501, 502, 504})  # RFC 5321, 4.2.4
OUT_OF_STEP = 503  # the same


def _always() -> bool:
    return True


def _nothing() -> None:
    return None


class Session(Line):
    """A line that carries one message at a time; `usable` says whether it can carry another."""

    def __init__(
        self, wire: Wire, server: Server, features: frozenset[str], *, max_bytes: int | None
    ) -> None:
        super().__init__(wire, server, features, max_bytes=max_bytes)
        self.count = 0  # messages tried
        self._pipelining = "pipelining" in features
        self._chunking = self._pipelining and "chunking" in features
        self._fitness = Fitness(
            smtputf8="smtputf8" in features,
            eight_bit="8bitmime" in features,
            real_people_only=not is_loopback_host(server.host),
            max_bytes=max_bytes,
        )
        self._waits_for_dot = False  # for the reply to a dot of DATA
        self._ahead = b""  # the next message's envelope, if it has been written

    @property
    def sends_ahead(self) -> bool:
        """Whether the next message's envelope may go while the present one's dot is answered (RFC 2920, 3.1)."""
        return self._pipelining and not self._chunking

    @property
    def committed(self) -> bool:
        """Whether an envelope went ahead: only its message can be sent next, or the line has to be closed."""
        return bool(self._ahead)

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
        after_dot: Callable[[], None] = _nothing,
        *,
        ready: bool = False,
    ) -> Outcome:
        """Carry one message. `envelope_sender` may be empty; `before_dot` is asked last: False leaves without the dot.
        `after_dot` is called when it is written: the moment to `send_ahead` what belongs to the next message.

        Addresses are without angle brackets, their domains in ASCII. `message` has its header; lone CR and LF become CRLF
        and dots are doubled where DATA needs it, unless it is `ready`: CRLF only, one at its end, and no line begins with a
        dot, as `content.compiled` builds it. Looking for one costs as much as the reply.
        """
        objection = self._fitness.objection(envelope_sender, recipient, message)
        if objection is not None:
            return Outcome("refused", "local", objection)
        self.count += 1
        way = Way()
        known = False
        try:
            commands = envelope(envelope_sender, recipient, message)
            if self._chunking:
                await self._resynchronise()
            if self._chunking and len(message) <= ONE_WRITE_BYTES:
                body = message if ready else wired(message)
                outcome = await self._in_one_trip(commands, body, before_dot, way)
            else:
                body = message if ready else stuffed(message)
                outcome = await self._transact(commands, body, before_dot, after_dot, way)
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

    def send_ahead(self, envelope_sender: str, recipient: str, message: bytes) -> bool:
        """Write the envelope of the message that is sent next while the reply to the present one's dot is on its way.

        That saves a round trip. Whether it was written; if so, `send` has to carry exactly this message next, or the line has
        to be closed. Its dot is another matter, for `before_dot` of that `send`.
        """
        if not (self.sends_ahead and self._waits_for_dot and self.usable) or self._ahead:
            return False
        if self._fitness.objection(envelope_sender, recipient, message) is not None:
            return False
        ahead = joined([*envelope(envelope_sender, recipient, message), DATA])
        try:
            self._wire.write(ahead)
        except Lost:
            return False
        self._ahead = ahead
        return True

    async def _transact(
        self,
        commands: Commands,
        body: bytes,
        before_dot: Callable[[], bool],
        after_dot: Callable[[], None],
        way: Way,
    ) -> Outcome:
        """Envelope and DATA, then the content with its dot: two round trips, one where the first was made before, four in lock-step."""
        commands.append(DATA)
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
        self._waits_for_dot = True
        try:
            after_dot()
            reply = await self._wire.reply(self.server.timeouts.dot)
        finally:
            self._waits_for_dot = False
        if 200 <= reply.code < 300:
            return Outcome("sent", "dot", reply)
        return self._refusal(reply, way)

    async def _in_one_trip(
        self,
        commands: Commands,
        body: bytes,
        before_dot: Callable[[], bool],
        way: Way,
    ) -> Outcome:
        """Envelope and message in one write, one round trip (RFC 3030 with 2920). BDAT LAST is the dot.

        What is too large for one write takes DATA instead: so its dot can wait until the content has left.
        """
        stopped = self._stopped(before_dot, way)
        if stopped is not None:
            return stopped
        commands.append(("dot", b"BDAT %d LAST\r\n" % len(body)))
        self._wire.write(b"".join([joined(commands), body]))
        refusal: Outcome | None = None
        for way.stage, _ in commands:
            try:
                reply = self._wire.reply_at_hand() or await self._wire.reply(
                    self._patience(way.stage)
                )
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
            self._wire.write(RSET)
            reply = await self._wire.reply(self.server.timeouts.command)
            if reply.code != 250:
                self._wire.abort()
                raise Lost("not_smtp", reply.words)
            self._reset_first = False

    def _stopped(self, before_dot: Callable[[], bool], way: Way) -> Outcome | None:
        """The last question before the dot. From here on the message may arrive."""
        if not before_dot():
            self._wire.abort()
            return Outcome("not_sent", way.stage, None, "stopped_before_dot")
        if not self._wire.alive:
            raise Lost("connection_lost")
        way.dotted = True
        return None

    async def _envelope(self, commands: Commands, way: Way) -> Outcome | None:
        """MAIL, RCPT and DATA, in one write where the server allows it. None when it waits for the content."""
        wire = self._wire
        await self._open(commands, way)
        refusal: Outcome | None = None
        for name, command in commands:
            way.stage = name
            if not self._pipelining:
                wire.write(command)
            reply = wire.reply_at_hand() or await wire.reply(self._patience(name))
            wanted = reply.code == 354 if name == "data" else 200 <= reply.code < 300
            if not wanted and refusal is None:
                if way.ahead and name == "mail" and reply.code == OUT_OF_STEP:
                    wire.abort()  # it lost its place at the dot before; nothing of this was about the message
                    raise Lost("not_smtp", reply.words)
                refusal = self._refusal(reply, way)
            if refusal is not None and (not self._pipelining or not wire.alive):
                return refusal
        if refusal is not None and reply.code == 354:
            # It waits for content although it refused the envelope: a lone dot ends that (RFC 2920, 3.1).
            wire.write(b".\r\n")
            await wire.reply(self.server.timeouts.dot)
        return refusal

    async def _open(self, commands: Commands, way: Way) -> None:
        """Write the envelope where it can go at once and has not gone ahead, after a RSET if the last message was refused."""
        opening = joined(commands)
        ahead, self._ahead = self._ahead, b""
        if ahead:
            # What is refused at its dot leaves nothing to reset (RFC 5321, 4.1.1.4).
            self._reset_first = False
            way.ahead = True
            if ahead != opening:
                self._wire.abort()
                raise Lost("connection_closed")
        reset = RSET if self._reset_first else b""
        if self._pipelining and not ahead:
            self._wire.write(reset + opening)
        elif reset:
            self._wire.write(reset)
        if reset:
            await self._wire.reply(self.server.timeouts.command)
            self._reset_first = False

    def _refusal(self, reply: Reply, way: Way) -> Outcome:
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

    def _patience(self, stage: Stage) -> float:
        """Seconds to wait for the reply of a stage."""
        timeouts = self.server.timeouts
        return {"data": timeouts.data, "dot": timeouts.dot}.get(stage, timeouts.command)
