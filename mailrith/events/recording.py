"""Keeping a verified request as it came, before anything is made of it."""

import hashlib
import time
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import calling
from mailrith.events.models import HookRequest, HookRequestState, HookRequestWorkspace

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


def note_workspaces(spoken: Collection[tuple[int, int]]) -> None:
    """Keep of whose mails requests spoke: (request, workspace). Twice is once."""
    if not spoken:
        return
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = [{"request_id": request, "workspace_id": one} for request, one in sorted(spoken)]
    db.session.connection().execute(insert(HookRequestWorkspace).on_conflict_do_nothing(), values)
