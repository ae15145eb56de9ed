"""The sink's own record of one run against the ledger, by the guarantees of docs/guarantees.md.

Marks are written down by a trigger of the database, inside the transaction that makes them, so that nothing that Mailrith
says about itself is believed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, text

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.delivery.sending import message_ids
from tests.chaos.stage import Stage

FINAL = {"sent", "failed", "skipped", "canceled", "in_doubt"}
CLOCK_SECONDS = 0.003  # SQLite's clock has milliseconds

_TABLE = "CREATE TABLE chaos_marks (delivery_id bigint, attempt integer, at double precision)"
_TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER chaos_mark AFTER UPDATE OF state ON deliveries
           WHEN new.state = 'sending' AND old.state <> 'sending' BEGIN
           INSERT INTO chaos_marks VALUES (new.id, new.attempt, (julianday('now') - 2440587.5) * 86400.0); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION chaos_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           INSERT INTO chaos_marks VALUES (new.id, new.attempt, extract(epoch FROM statement_timestamp()));
           RETURN new; END $$""",
        """CREATE TRIGGER chaos_mark AFTER UPDATE OF state ON deliveries FOR EACH ROW
           WHEN (new.state = 'sending' AND old.state <> 'sending') EXECUTE FUNCTION chaos_mark()""",
    ],
}


@dataclass(frozen=True)
class Heard:
    """One line of a sink."""

    email: str
    delivery_id: int | None
    attempt: int
    at: float


@dataclass
class Verdict:
    """What the record shows. `violations` are sentences; without any, the guarantees held."""

    states: dict[str, int]
    in_doubt: int
    allowed_in_doubt: int
    in_doubt_arrived: int = 0
    duplicates: int = 0
    lost: int = 0
    spared: int = 0  # unsubscribed in the middle and not sent to
    violations: list[str] = field(default_factory=list)
    died: list[str] = field(default_factory=list)  # the points that were reached
    kills: int = 0  # of workers
    left: int = 0  # unsubscribed in the middle
    doubts: dict[str, int] = field(default_factory=dict)  # how many are in doubt, by cause

    @property
    def stuck(self) -> bool:
        """Whether the run did not come to its end."""
        return any("the run is" in words for words in self.violations)

    @property
    def broken_promise(self) -> bool:
        """Whether there is a copy too many, a message too few, or a mark too late: not only a run that hangs."""
        return any("the run is" not in words for words in self.violations)

    def in_doubt_for_each_kill(self, sessions: int) -> int:
        """How many each kill left in doubt, those aside whom the mail server left there."""
        others = self.allowed_in_doubt - 2 * sessions * self.kills
        return -(-max(0, self.in_doubt - others) // self.kills) if self.kills else 0


def keep_marks() -> None:
    """Let the database write every mark down. Once for each database, in an app context."""
    with db.engine.begin() as connection:
        for statement in (_TABLE, *_TRIGGERS[connection.dialect.name]):
            connection.execute(text(statement))


def forget_marks() -> None:
    """Begin anew, after a trial. In an app context."""
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM chaos_marks"))


def judge(
    here: Stage,
    run_id: int,
    logs: list[Path],
    *,
    people: int,
    allowed_in_doubt: int,
    gone: Mapping[int, float],
) -> Verdict:
    """Judge a run that has ended. `gone` is delivery id -> when its person's unsubscribe had been answered."""
    with here.reading():
        run = db.session.get_one(Run, run_id)
        frozen, phase = run.frozen_count, str(run.phase)
        rows = db.session.execute(
            select(Delivery.id, Delivery.email, Delivery.state, Delivery.cause).where(
                Delivery.run_id == run_id
            )
        ).all()
        found = db.session.execute(text("SELECT delivery_id, attempt, at FROM chaos_marks")).all()
        marks = {(one.delivery_id, one.attempt): one.at for one in found}
        heard = [_read(line) for log in logs for line in log.read_text().splitlines()]
    verdict = Verdict(here.counts(run_id), 0, allowed_in_doubt)
    verdict.doubts = Counter(row.cause for row in rows if row.state == DeliveryState.IN_DOUBT)
    _nobody_is_lost(verdict, rows, heard, people, frozen, phase)
    _nobody_hears_twice(verdict, rows, heard)
    _marks_lead(verdict, rows, heard, marks)
    _people_win(verdict, rows, marks, gone)
    return verdict


def _read(line: str) -> Heard:
    email, message_id, attempt, at = line.split("\t")
    return Heard(email, message_ids.read(message_id), int(attempt), float(at))


def _nobody_is_lost(verdict, rows, heard, people, frozen, phase) -> None:
    """G1: the audience is the sum of the final states; whoever is sent was heard, and the other way round."""
    accounted = sum(count for state, count in verdict.states.items() if state in FINAL)
    if not (people == frozen == len(rows) == accounted):
        verdict.violations.append(
            f"G1 {people} people, {frozen} frozen, {len(rows)} rows, {accounted} in a final state"
        )
    if phase != "finished":
        verdict.violations.append(f"G1 the run is {phase}: {verdict.states}")
    arrived = {one.email for one in heard}
    sent = {row.email for row in rows if row.state == DeliveryState.SENT}
    verdict.lost = len(sent - arrived)
    if verdict.lost:
        verdict.violations.append(f"G1 {verdict.lost} are sent and never arrived")
    doubt = {row.email for row in rows if row.state == DeliveryState.IN_DOUBT}
    verdict.in_doubt, verdict.in_doubt_arrived = len(doubt), len(doubt & arrived)
    unannounced = arrived - sent - doubt
    if unannounced:
        verdict.violations.append(
            f"G1 {len(unannounced)} arrived and are neither sent nor in doubt"
        )


def _nobody_hears_twice(verdict, rows, heard) -> None:
    """G2: nobody gets two, because nobody in doubt is sent to again; and doubt is bounded."""
    times = Counter(one.email for one in heard)
    verdict.duplicates = sum(1 for count in times.values() if count > 1)
    if verdict.duplicates:
        verdict.violations.append(f"G2 {verdict.duplicates} got more than one copy")
    if verdict.in_doubt > verdict.allowed_in_doubt:
        verdict.violations.append(
            f"G2 {verdict.in_doubt} in doubt, {verdict.allowed_in_doubt} allowed: {dict(verdict.doubts)}"
        )


def _marks_lead(verdict, rows, heard, marks) -> None:
    """G3: every message that arrived carries the attempt of a committed mark that is older than its arrival."""
    email = {row.id: row.email for row in rows}
    unmarked = late = strangers = 0
    for one in heard:
        at = marks.get((one.delivery_id, one.attempt))
        unmarked += at is None
        late += at is not None and at > one.at + CLOCK_SECONDS
        strangers += email.get(one.delivery_id) != one.email
    for count, words in (
        (unmarked, "arrived without a mark"),
        (late, "arrived before their mark"),
        (strangers, "arrived at somebody else's address"),
    ):
        if count:
            verdict.violations.append(f"G3 {count} {words}")


def _people_win(verdict, rows, marks, gone) -> None:
    """G5: nobody is marked after their unsubscribe was answered."""
    state = {row.id: row.state for row in rows}
    verdict.spared = sum(1 for id_ in gone if state.get(id_) == DeliveryState.SKIPPED)
    ignored = sum(
        1 for (id_, _), at in marks.items() if id_ in gone and at > gone[id_] + CLOCK_SECONDS
    )
    if ignored:
        verdict.violations.append(f"G5 {ignored} were marked after they had unsubscribed")
