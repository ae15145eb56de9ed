"""The hot path of the ledger: claim, record, mark, on a plain connection of its own.

Runs in a thread beside the loop. No final dot leaves before the commit of a `turn` that returned its message. On SQLite a turn
is one transaction; on PostgreSQL each statement is one, and outcomes are recorded by the statement that marks who comes next.
"""

import secrets
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import InterfaceError, OperationalError

from mailrith.core.clock import now, ticking
from mailrith.delivery.ledger import shortcut, statements
from mailrith.delivery.ledger.entries import Claimed, Marked, Situation, Turn, skip_cause, values_of
from mailrith.delivery.ledger.gate import Gate
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.models import DeliveryState, Pause, RunPhase
from mailrith.delivery.pacing.limits import Limits, limits_of

# The database cannot be reached, or is full.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
# Planning costs more than a small turn. A plan from before an import would read all that was imported for each person.
_PLANNED_ONCE = (text("SET plan_cache_mode = force_generic_plan"), text("DISCARD PLANS"))
_PLANNED_AS_USUAL = text("RESET plan_cache_mode")
SQLITE_REST_SECONDS = 0.003  # between commits, so that the web gets its turn at the one write lock


class Ledger:
    """One slice's hold on what one connection carries of a run. Not for two threads at once."""

    def __init__(
        self,
        engine: Engine,
        *,
        run_id: int,
        connection_id: int,
        credentials: str,
        lease_seconds: int,
    ) -> None:
        self.run_id = run_id
        self.connection_id = connection_id
        self.credentials = credentials
        self.lease_seconds = lease_seconds
        self.token = secrets.randbits(62)
        self.claimed: deque[Claimed] = deque()
        self.gate: Gate | None = None  # a slice's, where receivers may want it slower
        self._engine = engine
        self._sql = statements.of(engine.dialect.name)
        self._sqlite = engine.dialect.name == "sqlite"
        self._open: Connection | None = None
        self._after = (
            0  # claims go forward through the ids: the rows behind are dead weight in the index
        )
        self._unsure: list[
            Result
        ] = []  # marks whose commit got no answer; nothing was sent for them

    def turn(self, results: Sequence[Result], *, room: int, claim: int, look: bool) -> Turn:
        """Record `results`, claim `claim` more recipients when there are fewer than `room`, mark up to `room` of them.

        Raises one of AWAY when the database is away: then nothing of it counts, and nothing may be sent.
        """
        asked: list[Claimed] = []
        leaving = self.gate.put_off() if self.gate else []
        try:
            with self._connection().begin():
                self._put_off(leaving)
                empty = not self._fill(room, claim) if claim else False
                asked = self._choose(room)
                marked = self._record_and_mark([*self._unsure, *results], asked)
                situation = self._look() if look or len(marked) < len(asked) else None
                if situation is not None and len(marked) < len(asked):
                    self._account_for_unmarked(asked, marked, situation)
        except AWAY:
            self._forget_connection()
            self.claimed.extendleft(reversed(asked))
            if self.gate:
                self.gate.take_back(leaving)
            self._unsure.extend(
                Result(one.id, one.attempt + 1, DeliveryState.QUEUED) for one in asked
            )
            raise
        self._unsure.clear()
        if self._sqlite:
            time.sleep(SQLITE_REST_SECONDS)
        return Turn(marked, situation, empty)

    def renew(self, ids: Sequence[int]) -> None:
        """Prolong the marks of messages that still wait for the server's answer."""
        values = {"ids": list(ids), "token": self.token, "seconds": self.lease_seconds}
        self._execute_alone(self._sql.renew, values)

    def close(self) -> None:
        """Give unsent claims back."""
        held = [one.id for one in self.claimed] + (self.gate.held if self.gate else [])
        if held:
            self._execute_alone(self._sql.release, {"ids": held, "token": self.token})
            self.claimed.clear()
        if self._open is not None:
            if not self._sqlite:
                self._execute_alone(_PLANNED_AS_USUAL, {})
            self._open.close()
            self._open = None

    def _execute_alone(self, statement: TextClause, values: dict[str, Any]) -> None:
        try:
            with self._connection().begin():
                self._open_execute(statement, values)
        except AWAY:
            self._forget_connection()
            raise

    def _fill(self, room: int, claim: int) -> bool:
        """Whether there is anybody to mark after claiming more if need be."""
        if len(self.claimed) >= max(room, 1):
            return True
        found = self._claim(claim)
        if not found and self._after:
            self._after = 0  # rows that went back to queued lie behind us
            found = self._claim(claim)
        return bool(self.claimed)

    def _claim(self, limit: int) -> bool:
        rows = self._execute(
            self._sql.claim,
            {
                "run": self.run_id,
                "connection": self.connection_id,
                "after": self._after,
                "limit": limit,
                "token": self.token,
                "seconds": self.lease_seconds,
            },
        )
        if rows:
            taken = sorted((Claimed(*row) for row in rows), key=lambda one: one.id)
            self.claimed.extend(taken)
            self._after = taken[-1].id
        return bool(rows)

    def _choose(self, room: int) -> list[Claimed]:
        if self.gate:
            return self.gate.choose(self.claimed, room)
        return [self.claimed.popleft() for _ in range(min(room, len(self.claimed)))]

    def _put_off(self, leaving: Sequence[Result]) -> None:
        if leaving:
            values = values_of(leaving, sqlite=self._sqlite, token=self.token)
            self._open_execute(self._sql.put_off, values)

    def _record_and_mark(self, results: Sequence[Result], asked: Sequence[Claimed]) -> list[Marked]:
        """In one statement where the engine has one, and nobody is in both."""
        both = self._sql.record_and_mark
        if both is None or not results or not asked or _anybody_in_both(results, asked):
            self._record(results)
            return self._mark(asked)
        return self._marked(both, asked, values_of(results, sqlite=False))

    def _record(self, results: Sequence[Result]) -> None:
        if results:
            self._execute(self._sql.record, values_of(results, sqlite=self._sqlite))

    def _mark(self, asked: Sequence[Claimed]) -> list[Marked]:
        return self._marked(self._sql.mark, asked, {}) if asked else []

    def _marked(
        self, statement: TextClause, asked: Sequence[Claimed], values: dict[str, Any]
    ) -> list[Marked]:
        # Counted from before the statement: a process that was stopped in between finds its deadline past.
        deadline = ticking() + self.lease_seconds / 2
        by_id = {one.id: one for one in asked}
        values |= {
            "ids": list(by_id) if self._sqlite else shortcut.integers(by_id),
            "token": self.token,
            "run": self.run_id,
            "connection": self.connection_id,
            "credentials": self.credentials,
            "seconds": self.lease_seconds,
            "now": now(),
        }
        rows = self._execute(statement, values)
        return [
            Marked(by_id[id_], name or "", by_id[id_].attempt + 1, deadline) for id_, name in rows
        ]

    def _look(self) -> Situation:
        asked = {"run": self.run_id, "connection": self.connection_id}
        row = self._open_execute(self._sql.situation, asked).one_or_none()
        if row is None:  # withdrawn
            return Situation(RunPhase.FINISHED, None, False, 1, Limits())
        halt = None
        if not row.assigned:
            halt = Pause.CONNECTION_GONE
        elif not row.enabled or not row.running:
            halt = Pause.CONNECTION_OFF
        stale = row.credentials != self.credentials
        limits = limits_of(row, row.share)
        return Situation(RunPhase(row.phase), halt, stale, row.max_sessions, limits)

    def _account_for_unmarked(
        self, asked: Sequence[Claimed], marked: Sequence[Marked], situation: Situation
    ) -> None:
        """Say why rows were not marked: the person may not be mailed any more, or the row is not ours."""
        done = {one.claimed.id for one in marked}
        rest = {one.id: one for one in asked if one.id not in done}
        halted = situation.phase != RunPhase.SENDING or situation.halt is not None
        rows = self._open_execute(self._sql.unmarked, {"ids": list(rest)}).all()
        for id_, state, token, status, reason in rows:
            if state != DeliveryState.QUEUED or token != self.token:
                continue
            cause = skip_cause(status, reason)
            if cause is not None:
                skip = {"id": id_, "token": self.token, "cause": cause, "now": now()}
                self._open_execute(self._sql.skip, skip)
            elif halted or situation.stale:
                self.claimed.appendleft(rest[id_])
            else:
                # It could be marked now: whatever held it is over. The next turn tries again.
                self.claimed.append(rest[id_])

    def _connection(self) -> Connection:
        """On PostgreSQL each statement is a transaction of its own, planned once, for the tables as they are now."""
        if self._open is None:
            self._open = self._engine.connect()
            if not self._sqlite:
                self._open.execution_options(isolation_level="AUTOCOMMIT")
                for statement in _PLANNED_ONCE:
                    shortcut.execute(self._open, statement, {})
        return self._open

    def _execute(self, statement: TextClause, values: Any) -> Sequence[Any]:
        """A statement of the hot path. Its rows."""
        if not self._sqlite:
            return shortcut.execute(self._connection(), statement, values)
        result = self._open_execute(statement, values)
        return result.all() if result.returns_rows else []

    def _open_execute(self, statement: Any, values: Any) -> Any:
        return self._connection().execute(statement, values)

    def _forget_connection(self) -> None:
        if self._open is not None:
            self._open.invalidate()
            self._open.close()
            self._open = None


def _anybody_in_both(results: Sequence[Result], asked: Sequence[Claimed]) -> bool:
    """Somebody who was given back, or whose late outcome comes while they are to be sent to again."""
    return not {one.delivery_id for one in results}.isdisjoint(one.id for one in asked)


def record_alone(engine: Engine, results: Sequence[Result]) -> None:
    """Record outcomes that a worker left behind. Those of an older attempt change nothing."""
    if results:
        sqlite = engine.dialect.name == "sqlite"
        with engine.begin() as connection:
            connection.execute(
                statements.of(engine.dialect.name).record, values_of(results, sqlite=sqlite)
            )
