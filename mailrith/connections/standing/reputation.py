"""How much of a connection's mail came back or was called spam in the last seven days, and what that is taken for.

Above these shares mailbox providers and mail services put mail into the spam folder, or close the account: Gmail and Yahoo
ask senders to stay below 0.1 % of complaints and never to reach 0.3 %; Amazon SES reviews an account at 5 % of bounces.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from mailrith.connections.models import Connection, ConnectionReputation
from mailrith.connections.standing import pausing
from mailrith.core.clock import now
from mailrith.core.db import db

WINDOW = timedelta(days=7)
ENOUGH = 200  # messages; of fewer, a share says nothing
FRESH = timedelta(hours=26)  # an older count is of another week


class Standing(StrEnum):
    """What the shares are taken for."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"  # Mailrith stops the connection


@dataclass(frozen=True)
class Share:
    """One way in which mail counts against a sender. `warn` and `stop` are parts of one; `cause` is a key of smtp.causes."""

    cause: str
    verb: str
    warn: float
    stop: float


BOUNCES = Share("many_bounces", "came back", 0.02, 0.05)
COMPLAINTS = Share("many_complaints", "was marked as spam", 0.001, 0.003)
SHARES = (COMPLAINTS, BOUNCES)


@dataclass(frozen=True)
class Reputation:
    """Messages of the last seven days: `answered` were taken, or refused for the recipient's sake; the others are parts of it."""

    answered: int
    bounced: int
    complained: int

    @property
    def standing(self) -> Standing:
        """The worst of the shares decides."""
        if self.cause:
            return Standing.BAD
        return Standing.WARN if self.sentence else Standing.GOOD

    @property
    def cause(self) -> str:
        """Why the connection has to stop; empty while it has not."""
        share = self._reached("stop")
        return share.cause if share else ""

    @property
    def sentence(self) -> str:
        """What is wrong, in figures; empty when nothing is."""
        share = self._reached("stop") or self._reached("warn")
        if share is None:
            return ""
        return f"{self._part(share)}: {self._people(share):,} of {self.answered:,} messages."

    @property
    def discreet(self) -> str:
        """The same for who may not know how much mail others send through it."""
        share = self._reached("stop") or self._reached("warn")
        return f"{self._part(share)}." if share else ""

    def _part(self, share: Share) -> str:
        percent = f"{100 * self._people(share) / self.answered:.2f}".rstrip("0").rstrip(".")
        return f"{percent} % of its mail of the last seven days {share.verb}"

    def _reached(self, level: str) -> Share | None:
        if self.answered < ENOUGH:
            return None
        reached = (s for s in SHARES if self._people(s) >= getattr(s, level) * self.answered)
        return next(reached, None)

    def _people(self, share: Share) -> int:
        return self.complained if share is COMPLAINTS else self.bounced


def count_from(connection_id: int) -> datetime:
    """Since when messages count: for seven days, and never before somebody took responsibility for them."""
    row = db.session.get(ConnectionReputation, connection_id)
    begin = now() - WINDOW
    return max(begin, row.count_from) if row is not None and row.count_from else begin


def note(connection_id: int, found: Reputation) -> None:
    """Keep what was counted, and stop the connection if it is bad. The caller commits."""
    row = _row(connection_id)
    row.answered, row.bounced, row.complained = found.answered, found.bounced, found.complained
    row.counted_at = now()
    if found.cause:
        pausing.pause_connection(connection_id, found.cause)


def forgive(connection_id: int) -> None:
    """Count anew from now on."""
    row = _row(connection_id)
    row.answered = row.bounced = row.complained = 0
    row.count_from = row.counted_at = now()


def of(connection_ids: Collection[int]) -> dict[int, Reputation]:
    """The last count of each connection: a fresh one, or the one that it was stopped for."""
    stopped = Connection.paused_at.is_not(None) & Connection.pause_cause.in_(pausing.BY_SHARE)
    rows = db.session.scalars(
        select(ConnectionReputation)
        .join(Connection, Connection.id == ConnectionReputation.connection_id)
        .where(
            Connection.id.in_(connection_ids),
            (ConnectionReputation.counted_at >= now() - FRESH) | stopped,
        )
    )
    return {
        row.connection_id: Reputation(row.answered, row.bounced, row.complained) for row in rows
    }


def of_one(connection: Connection) -> Reputation:
    """That of one connection; a blank one when there is no fresh count."""
    return of([connection.id]).get(connection.id, Reputation(0, 0, 0))


def _row(connection_id: int) -> ConnectionReputation:
    row = db.session.get(ConnectionReputation, connection_id)
    if row is None:
        row = ConnectionReputation(connection_id=connection_id)
        db.session.add(row)
        db.session.flush()
    return row
