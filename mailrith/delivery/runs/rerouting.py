"""What becomes of people whose connection stops: a stand-in takes them, or they wait and the run rests.

Nobody moves who is on the wire or was ever in doubt: a second copy may only come from where the first one may have come from.
"""

from typing import Any

from sqlalchemy import exists, select, update

from mailrith.connections import actions as connections
from mailrith.connections import routing
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.connections.standing.pausing import BY_SHARE
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import MailrithError
from mailrith.delivery.models import LIMITS, Delivery, Pause, Run, RunPhase, RunRoute
from mailrith.delivery.pacing import windows
from mailrith.delivery.runs import launching, phases, routes

_NEVER_DOUBTED = Delivery.decided_by.is_(None)
# These are nobody's fault but ours, or end by themselves: another connection would not be asked to make up for them.
# What came back would come back to the other one too.
_STAY = frozenset({*LIMITS, Pause.PUBLIC_URL, Pause.LETTER, *BY_SHARE})


def stop(run_id: int, connection_id: int, cause: str, words: str = "") -> None:
    """The connection turned out unable to go on: `cause` is a Pause or a key of smtp.causes. Commits."""
    connection, run = _locked(run_id, connection_id)
    if cause == Pause.CONNECTION_OFF and connection.paused_at is not None:
        cause, words = connection.pause_cause or cause, connection.pause_words
    _pause(connection, cause, words)
    if run is not None:
        _go_another_way(run, connection, cause, words)
    db.session.commit()


def follow(run_id: int, connection_id: int) -> None:
    """Whoever still waits for a connection that had stopped goes the way of the others, or through it if it works again. Commits."""
    connection, run = _locked(run_id, connection_id)
    if run is not None:
        stopped = stoppage(run.workspace_id, connection)
        if stopped is None:
            launching.enqueue_slices(run_id, connection_id)
        else:
            _pause(connection, *stopped)
            _go_another_way(run, connection, *stopped)
    db.session.commit()


def rest_if_stuck(run_id: int) -> None:
    """Pause the run when everybody who is left waits for a connection that cannot carry them. The caller commits."""
    run = db.session.get(Run, run_id)
    if run is None or run.phase != RunPhase.SENDING:
        return
    stopped = stuck(run)
    if stopped is not None:
        phases.pause(run_id, *stopped)
    else:
        _rest_if_full(run)


def stuck(run: Run) -> tuple[str, str] | None:
    """(cause, the server's words) when nobody who is left can be carried now; None while somebody can."""
    causes = []
    for route in routes.of(run.id):
        if routes.has(run.id, route.connection_id, phases.OPEN):
            stopped = _stopped(run, db.session.get_one(Connection, route.connection_id))
            if stopped is None:
                return None
            causes.append(stopped)
    return causes[0] if causes else None


def stoppage(workspace_id: int, connection: Connection) -> tuple[str, str] | None:
    """(cause, words) of why the workspace cannot send through the connection now; the day's limit aside."""
    problem = connections.sendable(connection)
    if problem is not None and problem.code == "paused":
        return connection.pause_cause or Pause.CONNECTION_OFF, connection.pause_words
    if problem is not None:
        causes = {"public_url": Pause.PUBLIC_URL, "deleted": Pause.CONNECTION_GONE}
        return causes.get(problem.code, Pause.CONNECTION_OFF), problem.sentence
    if not _assigned(workspace_id, connection.id):
        return Pause.CONNECTION_GONE, ""
    try:
        connections.server_for(connection)
    except MailrithError as error:
        return "credentials_lost", error.message
    return None


def _locked(run_id: int, connection_id: int) -> tuple[Connection, Run | None]:
    """The connection first, as whoever ends its pause does; the run only while it is being sent."""
    db.session.rollback()
    connection = db.session.get_one(Connection, connection_id, with_for_update=True)
    run = db.session.get(Run, run_id, with_for_update=True)
    return connection, run if run is not None and run.phase == RunPhase.SENDING else None


def _pause(connection: Connection, cause: str, words: str) -> None:
    """Trouble of the connection itself concerns whatever else it carries."""
    if cause not in set(Pause):
        connections.pause_connection(connection.id, cause, words)
        db.session.flush()


def _go_another_way(run: Run, connection: Connection, cause: str, words: str) -> None:
    if cause not in _STAY:
        _move(run, connection, cause)
    _rest_unless_others_go_on(run, connection, cause, words)


def _stopped(run: Run, connection: Connection) -> tuple[str, str] | None:
    """The stoppage, unless a stand-in would take somebody."""
    stopped = stoppage(run.workspace_id, connection)
    if stopped is None or stopped[0] in _STAY:
        return stopped
    movable = routes.has(run.id, connection.id, phases.OPEN, _NEVER_DOUBTED)
    return None if movable and _stand_in(run, connection) else stopped


def _rest_if_full(run: Run) -> None:
    """Pause the run when everybody who could still be carried waits for a limit, until the first one has room."""
    waits = []
    for route in routes.of(run.id):
        if not routes.has(run.id, route.connection_id, phases.OPEN):
            continue
        connection = db.session.get_one(Connection, route.connection_id)
        if _stopped(run, connection) is not None:
            continue
        full = windows.full(connection, run.workspace_id)
        if not full:
            return  # it goes on, and asks again when it is through
        if routes.has(run.id, route.connection_id, routes.WAITING):
            waits.append((windows.room_again_at(connection, run.workspace_id), str(full[-1].cause)))
    if waits:
        resume_at, cause = min(waits)
        phases.pause(run.id, cause, resume_at=resume_at)


def _rest_unless_others_go_on(run: Run, connection: Connection, cause: str, words: str) -> None:
    if not routes.has(run.id, connection.id, phases.OPEN):
        return
    for route in routes.of(run.id):
        if route.connection_id == connection.id:
            continue
        if routes.has(run.id, route.connection_id, phases.OPEN):
            other = db.session.get_one(Connection, route.connection_id)
            if _stopped(run, other) is None and not windows.full(other, run.workspace_id):
                return
    movable = routes.has(run.id, connection.id, phases.OPEN, _NEVER_DOUBTED)
    if cause not in _STAY and movable and _stand_in(run, connection):
        return  # they are on the wire now, and follow when they come back
    values: dict[str, Any] = {}
    if cause in LIMITS:
        values["resume_at"] = windows.room_again_at(connection, run.workspace_id)
    phases.pause(run.id, cause, words, **values)


def _move(run: Run, connection: Connection, cause: str) -> None:
    """One statement for everybody who waits. A mark that runs at the same time loses its row, or keeps it."""
    other = _stand_in(run, connection)
    if other is None or not routes.has(run.id, connection.id, phases.OPEN, _NEVER_DOUBTED):
        return
    route = db.session.get(RunRoute, (run.id, connection.id))
    if route is not None and route.left_at is None:
        route.left_at, route.left_cause = now(), cause
    routes.lead(run.id, other.id)
    moved = db.session.execute(
        update(Delivery)
        .where(
            Delivery.run_id == run.id,
            Delivery.connection_id == connection.id,
            Delivery.state.in_(routes.WAITING),
            _NEVER_DOUBTED,
        )
        .values(connection_id=other.id, lease_token=None, lease_until=None)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if moved:
        launching.enqueue_slices(run.id, other.id)


def _stand_in(run: Run, connection: Connection) -> Connection | None:
    if not routing.choice_of(run.workspace_id).fall_back:
        return None
    return next(iter(routing.stand_ins(run.workspace_id, connection)), None)


def _assigned(workspace_id: int, connection_id: int) -> bool:
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    ConnectionWorkspace.workspace_id == workspace_id,
                    ConnectionWorkspace.connection_id == connection_id,
                )
            )
        )
    )
