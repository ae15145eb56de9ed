"""One turn of a worker at what waits: many requests in one transaction, until few wait or others want the worker.

Who comes while the last of them are applied waits for the next turn, some seconds later: a turn costs the same for one request as
for hundreds, and is taken from sending.
"""

import time
from collections.abc import Generator, Iterator
from datetime import timedelta

from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import applying, calling, lost

# People who wait for other jobs are not to wait longer, and a worker that also sends is to have time for that: it does not
# come back for some seconds more (`worker.ROOM_SECONDS`).
TURN_SECONDS = 3.0
# While something is sent, applying takes a tenth of the worker that leaves it: the sender of an event waits for our answer, which the
# web gives, and not for what follows from it. But nobody's complaint is to wait for a minute.
SENDING_SHARE = 9  # times as long as the turn took
LATE = timedelta(seconds=40)
# SQLite has one writer at a time: its transactions are short, and others get their turn between them.
SQLITE_BYTES = 200_000  # of bodies in one transaction
SQLITE_REST_SECONDS = 0.005


def drain() -> Iterator[None]:
    """Apply what waits. Yields wherever the caller has to commit."""
    until = time.monotonic() + TURN_SECONDS
    going_on = True
    while going_on:
        going_on = yield from _batch(until)
        calling.let_go()
        if going_on and time.monotonic() > until:
            calling.again()
            return
    calling.rest()


def seconds_for_sending(took: float) -> float:
    """How long nobody is to leave what it sends for the next turn, after one that took so many seconds. Ends the transaction."""
    oldest = lost.oldest_came_at()
    db.session.rollback()
    late = oldest is not None and oldest < now() - LATE
    return took if late else took * SENDING_SHARE


def _batch(until: float) -> Generator[None, None, bool]:
    """The next requests. Gives whether more wait."""
    if not calling.hold():
        return (yield from _carefully(until))
    sqlite = config.current().is_sqlite
    more = applying.apply_waiting(SQLITE_BYTES if sqlite else applying.MOST_BYTES)
    yield
    if sqlite:
        time.sleep(SQLITE_REST_SECONDS)
    return more


def _carefully(until: float) -> Generator[None, None, bool]:
    """The batch before did not come to its end. One by one finds out whose fault it was; the scheduler tries that one again."""
    chosen, _ = applying.waiting()
    yield
    for request_id in chosen:
        if time.monotonic() > until:
            break
        wanted = lost.count_attempt(request_id)
        yield
        if wanted:
            applying.apply(request_id)
            yield
    return bool(chosen)
