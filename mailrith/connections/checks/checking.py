"""One Verify from the press to the result. A worker talks to the server, step by step, and the page reads what it wrote.

The caller commits. Between `begin` and `finish` the network is asked, so no transaction may be open then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update

from mailrith.accounts.models import User
from mailrith.connections import trail
from mailrith.connections.checks import probing
from mailrith.connections.checks import queries as check_queries
from mailrith.connections.checks.probing import Probe
from mailrith.connections.credentials import CredentialsLost
from mailrith.connections.mailbox.queries import envelope_of
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import TooMany
from mailrith.smtp.verify import Report, Step, report_from_data

JOB = "mailrith.connections.jobs.check"
CHECKS_AN_HOUR = 30  # for each person
STALE = timedelta(minutes=1)  # asked again after that, a check that is under way is given up
LATE = timedelta(seconds=10)  # a worker that is free takes it within a second
LIFE = timedelta(minutes=3)  # well beyond what a Verify may last


class Standing(StrEnum):
    """What a check is for people."""

    WAITING = "waiting"  # for a worker
    LATE = "late"  # no worker has taken it for a while
    RUNNING = "running"
    DONE = "done"
    LOST = "lost"  # its worker died, or none ever took it; it says nothing about the server


@dataclass(frozen=True)
class Begun:
    """A check that this worker has taken. `seen` is what the connection was then."""

    check_id: int
    probe: Probe
    seen: tuple[str, ...]
    begun_at: datetime


def ask(connection: Connection, user: User) -> ConnectionCheck:
    """Have the connection verified by a worker. Asking again gives the check that is under way. Raises TooMany."""
    _lock(connection)
    under_way = latest(connection)
    if under_way is not None and under_way.state in check_queries.OPEN:
        if under_way.created_at > now() - STALE:
            return under_way
        give_up(under_way)
    if check_queries.asked_since(user.id, now() - timedelta(hours=1)) >= CHECKS_AN_HOUR:
        raise TooMany(
            f"You have verified {CHECKS_AN_HOUR} times within an hour. Wait a little before the next one.",
            retry_after_seconds=600,
        )
    trail.record(connection, "connection.verified", user)
    return start(connection.id, user)


def start(connection_id: int, user: User | None = None) -> ConnectionCheck:
    """A new check, handed to a worker after the commit. Without `user` Mailrith asks by itself."""
    check = ConnectionCheck(
        connection_id=connection_id, asked_by=user.id if user else None, report={}
    )
    db.session.add(check)
    db.session.flush()
    queue.enqueue(JOB, check.id)
    return check


def latest(connection: Connection) -> ConnectionCheck | None:
    """The newest check of the connection."""
    return check_queries.latest(connection.id)


def standing(check: ConnectionCheck) -> Standing:
    """Where it stands, by the clock too: nobody has to sweep before a page says that it was lost."""
    if check.state == CheckState.DONE:
        return Standing.LOST if check.report.get("lost") else Standing.DONE
    if _overdue(check):
        return Standing.LOST
    if check.state == CheckState.RUNNING:
        return Standing.RUNNING
    return Standing.LATE if check.created_at < now() - LATE else Standing.WAITING


def report_of_check(check: ConnectionCheck) -> Report:
    """The steps taken so far, then the untried ones; empty before a worker began."""
    return report_from_data(check.report or {})


def begin(check_id: int) -> Begun | None:
    """Take a waiting check for this worker. None when there is nothing to do: taken, given up, or without credentials."""
    taken = db.session.execute(
        update(ConnectionCheck)
        .where(ConnectionCheck.id == check_id, ConnectionCheck.state == CheckState.WAITING)
        .values(state=CheckState.RUNNING)
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return None
    check = db.session.get_one(ConnectionCheck, check_id, populate_existing=True)
    connection = db.session.get_one(Connection, check.connection_id)
    if connection.deleted_at is not None:
        give_up(check)
        return None
    try:
        probe = probing.prepare(connection)
    except CredentialsLost as error:
        lost = Step("auth", False, 0, error.message, "credentials_lost")
        _finish(check, connection, Report((lost,)))
        return None
    begun = Begun(check_id, probe, _seen(connection), now())
    check.report = _data(begun, [])
    return begun


def talk(begun: Begun, written: Callable[[], None]) -> Report:
    """Try the server. `written` is called when a step stands in the row, to commit it."""
    steps: list[Step] = []

    def observe(step: Step) -> None:
        steps.append(step)
        write_steps(begun, steps)
        written()

    return probing.verify(begun.probe, observe=observe)


def write_steps(begun: Begun, steps: list[Step]) -> None:
    """Keep what has been found so far, for the page."""
    db.session.execute(
        update(ConnectionCheck)
        .where(ConnectionCheck.id == begun.check_id, ConnectionCheck.state == CheckState.RUNNING)
        .values(report=_data(begun, steps))
        .execution_options(synchronize_session=False)
    )


def finish(begun: Begun, report: Report) -> None:
    """Keep the result. A connection that was changed meanwhile keeps nothing of it: it is about another server."""
    check = db.session.get(ConnectionCheck, begun.check_id, populate_existing=True)
    if check is None or check.state != CheckState.RUNNING:
        return
    connection = db.session.get_one(Connection, check.connection_id, populate_existing=True)
    _finish(check, connection if _seen(connection) == begun.seen else None, report)


def give_up(check: ConnectionCheck) -> None:
    """Close a check that nobody will finish."""
    check.state, check.finished_at = CheckState.DONE, now()
    check.report = {**(check.report or {}), "lost": True}


def give_up_lost() -> None:
    """Close those whose worker died, and those that no worker ever took."""
    for check in check_queries.open_checks(older_than=LIFE, moment=now()):
        if _overdue(check):
            give_up(check)


def _finish(check: ConnectionCheck, connection: Connection | None, report: Report) -> None:
    check.state, check.finished_at = CheckState.DONE, now()
    check.report = report.as_data()
    if connection is None or connection.deleted_at is not None:
        return
    user = db.session.get(User, check.asked_by) if check.asked_by is not None else None
    probing.record_report(connection, report, user)


def _lock(connection: Connection) -> None:
    """Two who press at the same time get one check. Whoever only refers to the row is not held up."""
    row = select(Connection.id).where(Connection.id == connection.id)
    db.session.execute(row.with_for_update(key_share=True))


def _overdue(check: ConnectionCheck) -> bool:
    begun = (check.report or {}).get("begun_at")
    since = datetime.fromisoformat(begun) if begun else check.created_at
    return now() - since > LIFE


def _seen(connection: Connection) -> tuple[str, ...]:
    return connection.credential_fingerprint, connection.from_email, envelope_of(connection)


def _data(begun: Begun, steps: list[Step]) -> dict[str, object]:
    tried = {step.name for step in steps}
    waiting = [step for step in probing.planned_for(begun.probe) if step.name not in tried]
    report = Report((*steps, *waiting))
    return {**report.as_data(), "begun_at": begun.begun_at.isoformat()}
