"""How much a slice may do now: its share of the connection's sessions, and what the limits grant."""

from mailrith.core.clock import ticking
from mailrith.delivery.pacing.limits import Limits, Window
from mailrith.delivery.pacing.pace import Pace
from mailrith.delivery.pacing.sessions import Share
from mailrith.delivery.sending.books import Books
from mailrith.delivery.sending.lanes import Lanes
from mailrith.delivery.sending.lines import Lines
from mailrith.smtp.server import Server

# Between two agreements on sessions. A slice that comes to others waits for three: they hear of it, let go, and say so.
BEAT_SECONDS = 0.2
PATIENCE_SECONDS = 2.0  # for a limit that lets go later, the slice gives its worker to others
CROWDED_SECONDS = 3.0  # without a session for so long, a slice leaves the work to the others


class Allowance:
    """Asks the other workers, through `Pace`, before the slice marks or connects."""

    def __init__(
        self, pace: Pace, books: Books, lanes: Lanes, lines: Lines, server: Server
    ) -> None:
        self._lines = lines
        self._server = server
        self._pace = pace
        self._books = books
        self._lanes = lanes
        self._credit = 0  # granted, not used yet
        self._window: Window | None = None  # used up, for longer than we should wait
        self._not_before = 0.0  # when more will be granted
        self._held = False  # the limits grant less than could be used
        self._beaten_at = 0.0
        self._served_at = ticking()

    @property
    def crowded(self) -> bool:
        """Whether others hold all the sessions."""
        return not self._lanes.count and ticking() - self._served_at > CROWDED_SECONDS

    @property
    def full(self) -> Window | None:
        """The window of the connection that holds somebody back for longer than a slice should wait."""
        return self._window if self._books.claimed else None

    @property
    def wait_seconds(self) -> float | None:
        """How long until the limits grant more; None when it is not them that we wait for."""
        return max(0.0, self._not_before - ticking()) if self._held else None

    async def lanes(self, most: int) -> None:
        """Have as many lanes as there is work for, within our share of `most`."""
        if ticking() - self._beaten_at < BEAT_SECONDS:
            return
        self._beaten_at = ticking()
        work = self._books.claimed + len(self._books.outstanding)
        wanted = min(most, max(1, work))
        allowed = await self._share(wanted, most)
        if allowed is not None and allowed.surplus:  # these first: together they would be too many
            await self._lines.spare(self._pace.name, allowed.surplus, self._server)
            allowed = await self._share(wanted, most)
        if allowed is not None:
            self._lanes.aim(max(0, allowed.mine - allowed.surplus))
        elif not self._lanes.count:
            self._lanes.aim(1)  # Valkey is away, so nobody can be asked: one does no harm
        if self._lanes.count:
            self._served_at = ticking()

    async def _share(self, wanted: int, most: int) -> Share | None:
        waiting = {
            "is_open": self._lanes.count,
            "fitting": self._lines.warm(self._pace.name, self._server),
            "warm": self._lines.warm(self._pace.name),
        }
        return await self._books.in_thread(
            lambda: self._pace.share(wanted=wanted, most=most, **waiting)
        )

    async def messages(self, room: int, limits: Limits) -> int:
        """How many of `room` may be marked now."""
        if not room:
            return 0
        if not self._pace.asks(limits):
            self._held = False
            return room
        usable = min(room, self._books.claimed or room)
        short = usable - self._credit
        if short > 0 and ticking() >= self._not_before:
            grant = await self._books.in_thread(lambda: self._pace.take(short, limits))
            self._credit += grant.count
            if grant.count < short:
                self._not_before = ticking() + grant.wait_seconds
            long = grant.wait_seconds > PATIENCE_SECONDS
            self._window = grant.window if long and not self._credit else None
        self._held = self._credit < usable
        return min(room, self._credit)

    def used(self, marked: int) -> None:
        """So many of those granted were marked."""
        self._credit = max(0, self._credit - marked)
