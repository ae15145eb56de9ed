"""Storing what was posted: many requests in one transaction, so that a thousand a second do not wait for the disk a thousand times.

Whoever comes first stores for all who have come by then; those who come meanwhile are stored together by the next one. Alone,
a request costs one transaction, as ever. Nobody is answered before the commit that holds their row.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from mailrith.core.db import db
from mailrith.core.errors import TooMany
from mailrith.events import calling, recording
from mailrith.events.endpoints import Endpoint
from mailrith.events.shelf import Shelf

MOST = 64  # requests in one transaction
MOST_BYTES = 8_000_000  # of their bodies
AGAIN_SECONDS = 60


class NotStored(TooMany):
    """The database did not take it, or whoever stored it for others was ended."""

    def __init__(self) -> None:
        super().__init__(
            "Mailrith cannot store events just now. Please send it again.",
            retry_after_seconds=AGAIN_SECONDS,
        )


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Ticket:
    """One request that waits. `ready` is let go when it is stored or refused, or when its thread has to store for the others."""

    endpoint: Endpoint
    content_type: str
    body: bytes
    ready: threading.Lock = field(default_factory=_held)  # an Event costs twenty times as much
    leads: bool = False
    stored: bool | None = None  # False: too much waits already; None: the database did not take it


class Intake:
    """The door of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._busy = False
        self._shelf = Shelf()  # of whoever leads

    def bring(self, endpoint: Endpoint, content_type: str, body: bytes) -> bool:
        """Store a verified request, and commit. False when too much waits already.

        Raises NotStored, and DBAPIError in whoever stored for all.
        """
        ticket = _Ticket(endpoint, content_type, body)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads, self._busy = not self._busy, True
        if not ticket.leads:
            ticket.ready.acquire()
        if ticket.leads:
            self._lead()
        if ticket.stored is None:
            raise NotStored
        return ticket.stored

    def _lead(self) -> None:
        with self._lock:
            group = self._waiting[: _prefix(self._waiting)]
            del self._waiting[: len(group)]
        try:
            _store(self._shelf, group)
        finally:
            self._hand_on()
            for ticket in group:
                ticket.ready.release()

    def _hand_on(self) -> None:
        """The next one goes on, if somebody waits."""
        with self._lock:
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].ready.release()
                return
            self._busy = False


def _prefix(waiting: list[_Ticket]) -> int:
    """How many of them go into one transaction; at least the first."""
    size = 0
    for place, ticket in enumerate(waiting[:MOST]):
        size += len(ticket.body)
        if size > MOST_BYTES and place:
            return place
    return min(len(waiting), MOST)


def _store(shelf: Shelf, group: list[_Ticket]) -> None:
    try:
        _write(shelf, group)
    except (IntegrityError, DataError):
        # One of the connections is gone for good, say. The others are not to suffer for it.
        if len(group) == 1:
            raise
        for ticket in group:
            with suppress(IntegrityError, DataError):
                _write(shelf, [ticket])


def _write(shelf: Shelf, group: list[_Ticket]) -> None:
    """One statement, which is a transaction of its own, and then it is said."""
    room = not recording.overloaded(len(group))
    if (
        db.session.registry.has()
    ):  # it seldom counts, and a session costs as much as the rest of this
        db.session.rollback()
    if room:
        shelf.put([_row(ticket) for ticket in group])
    for ticket in group:
        ticket.stored = room
    if room:
        calling.call()


def _row(ticket: _Ticket) -> dict[str, Any]:
    return recording.row(
        ticket.endpoint.connection_id,
        ticket.content_type,
        ticket.body,
        source=ticket.endpoint.source,
    )
