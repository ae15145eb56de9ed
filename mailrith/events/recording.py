"""Keeping a verified request as it came, before anything is made of it."""

import hashlib
import json
import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.ledger.shortcut import integers, texts
from mailrith.events import arrays, calling
from mailrith.events.models import HookRequest, HookRequestState, HookRequestWorkspace

_TABLE = cast(Table, HookRequest.__table__)
_SPOKEN = cast(Table, HookRequestWorkspace.__table__)

_DONE = """
UPDATE hook_requests r
SET state = given.state, results = given.results::json, note = given.note, applied_at = %(moment)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(results)s::text[], %(notes)s::text[])
    AS given (id, state, results, note)
WHERE r.id = given.id
"""

# More than this waiting means that the workers are away or overrun: the provider is asked to come back later. A minute and
# more of the fastest single POSTs, so that a worker may be started anew meanwhile.
MAX_WAITING = 100_000  # requests
FULL_SECONDS = 1.0  # so long nobody counts again


def record(connection_id: int, content_type: str, body: bytes, *, source: str = "") -> HookRequest:
    """Store one request, and have it applied once that is committed. The caller commits.

    source: who reads it (`sources`); empty is whoever posts to the connection.
    """
    request = HookRequest(**row(connection_id, content_type, body, source=source))
    db.session.add(request)
    db.session.flush()
    queue.enqueue(calling.JOB, queue=queue.EVENTS)
    return request


def row(connection_id: int, content_type: str, body: bytes, *, source: str) -> dict[str, Any]:
    """The columns of a request that has just arrived."""
    return {
        "connection_id": connection_id,
        "source": source,
        "content_type": content_type[:120],
        "body": body,
        "body_digest": hashlib.sha256(body).digest(),
        "received_at": now(),
    }


class Room:
    """How many requests may come before it is asked again whether too many wait: counting is dear when many do."""

    def __init__(self) -> None:
        self._left = 0
        self._full_until = 0.0

    def take(self, count: int) -> bool:
        """Whether there is room for so many more. An eighth of what is free may come unseen, and as much to every other process."""
        if time.monotonic() < self._full_until:
            return False
        self._left -= count
        if self._left < 0:
            self._left = (MAX_WAITING - _waiting()) // 8
        if self._left < 0:
            self._full_until = time.monotonic() + FULL_SECONDS
        return self._left >= 0


room = Room()


def overloaded(coming: int = 1) -> bool:
    """Whether MAX_WAITING requests wait already. Costs next to nothing while few do."""
    return not room.take(coming)


def _waiting() -> int:
    """How many wait, counted up to one more than MAX_WAITING."""
    some = select(HookRequest.id).where(HookRequest.state == HookRequestState.RECEIVED)
    counted = select(func.count()).select_from(some.limit(MAX_WAITING + 1).subquery())
    return db.session.scalar(counted) or 0


class Done(NamedTuple):
    """What became of a request: one result for each event in it, and a note that sums them up."""

    request_id: int
    state: HookRequestState
    results: list[dict[str, Any]]
    note: str


def note_done(done: Sequence[Done], moment: datetime) -> None:
    """Write it into these requests, as applied at `moment`."""
    if not done:
        return
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        given = {
            "ids": integers(one.request_id for one in done),
            "states": texts(one.state for one in done),
            "results": texts(json.dumps(one.results) for one in done),
            "notes": texts(one.note for one in done),
            "moment": moment,
        }
        connection.exec_driver_sql(_DONE, given)
        return
    names = ("state", "results", "note")
    written = update(_TABLE).where(_TABLE.c.id == bindparam("request_id"))
    written = written.values({name: bindparam(f"new_{name}") for name in names})
    each = [
        {"request_id": one.request_id} | {f"new_{name}": getattr(one, name) for name in names}
        for one in done
    ]
    connection.execute(written.values(applied_at=moment), each)


def note_workspaces(spoken: Collection[tuple[int, int]]) -> None:
    """Keep of whose mails requests spoke: (request, workspace). Twice is once."""
    if not spoken:
        return
    connection = db.session.connection()
    rows = [{"request_id": request, "workspace_id": one} for request, one in sorted(spoken)]
    if connection.dialect.name == "postgresql":
        given = arrays.unnested(_SPOKEN, rows)
        new = postgresql.insert(_SPOKEN).from_select(list(rows[0]), given)
        connection.execute(new.on_conflict_do_nothing())
    else:
        connection.execute(sqlite.insert(_SPOKEN).on_conflict_do_nothing(), rows)
