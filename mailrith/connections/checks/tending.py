"""What time brings to connections: paused ones are tried, the others looked at once a day, and old checks go.

The caller commits. Everything here only asks for checks; workers make them, as they do for people.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete

from mailrith.connections.checks import checking
from mailrith.connections.checks import queries as check_queries
from mailrith.connections.checks.reports import report_of
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.connections.standing import pausing
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db

DAILY = timedelta(hours=24)
AGAIN = timedelta(hours=1)  # after a daily check that found a trouble that passes
KEPT = 20  # checks of each connection
FORGOTTEN = timedelta(seconds=15)  # a check in no queue is one that the queue has lost


def probe_paused() -> None:
    """Try the paused connections whose time has come."""
    for connection in _room_for(check_queries.due_for_probe(now())):
        # Set anew by the result. Should that get lost, the next try is not.
        connection.probe_at = now() + checking.LIFE
        checking.start(connection.id)


def verify_daily() -> None:
    """Look at every connection in use once a day, a few at a time, so that trouble is known before the next broadcast."""
    due = check_queries.due_for_daily_check(now() - DAILY, now() - AGAIN)
    for connection in _room_for(one for one in due if not _hopeless(one)):
        checking.start(connection.id)


def find_lost_checks() -> None:
    """Close checks whose worker died, and hand those to a worker again that the queue has forgotten."""
    checking.give_up_lost()
    db.session.flush()
    forgotten = check_queries.open_checks(older_than=FORGOTTEN, moment=now())
    if forgotten and queue.lengths().get(queue.WORK) == 0:
        for check in forgotten:
            if check.state == CheckState.WAITING:
                queue.enqueue(checking.JOB, check.id)


def prune() -> None:
    """Forget old checks. Those of the last day stay, because they are counted."""
    old = check_queries.surplus_checks(KEPT, now() - DAILY)
    db.session.execute(
        delete(ConnectionCheck)
        .where(ConnectionCheck.id.in_(old))
        .execution_options(synchronize_session=False)
    )


def _hopeless(connection: Connection) -> bool:
    """Whether the last look found what only a person can mend. Whoever mends it empties the report."""
    failed = report_of(connection).failed
    return failed is not None and pausing.for_people(failed.cause)


def _room_for(wanted: Iterable[Connection]) -> list[Connection]:
    """Those of `wanted` that may be checked now: never two of one host, and by half of the workers at most.

    A server that does not answer holds a worker for half a minute, and people who press Verify want a free one.
    """
    most = max(1, len(queue.worker_names()) // 2)
    busy = check_queries.under_check()
    hosts = {_host(connection) for connection in busy}
    chosen: list[Connection] = []
    for connection in wanted:
        if len(busy) + len(chosen) >= most:
            break
        if _host(connection) not in hosts:
            hosts.add(_host(connection))
            chosen.append(connection)
    return chosen


def _host(connection: Connection) -> str:
    return connection.host or str(connection.provider)
