"""A signed-in line and what can be said on it besides a message: is it alive, may this sender, good-bye."""

from mailrith.smtp.discretion import discreet
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server
from mailrith.smtp.wire import Lost, Wire

QUIT_SECONDS = 2
PROBE_SECONDS = 10
RSET = b"RSET\r\n"


class Line:
    """A line to `server`, with the features (lower case) that EHLO told."""

    def __init__(
        self, wire: Wire, server: Server, features: frozenset[str], *, max_bytes: int | None
    ) -> None:
        self.server = server
        self.features = features
        self.max_bytes = max_bytes  # announced by SIZE (RFC 1870)
        self.announced = ""  # the EHLO keywords with their values, for people
        self._wire = wire
        self._reset_first = False  # the last message was refused

    async def probe(self) -> bool:
        """Whether an idle line still answers. Ask before using one that has waited."""
        try:
            self._wire.write(RSET)
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
