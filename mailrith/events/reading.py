"""Stored requests, read by the module of whoever posted them."""

from typing import NamedTuple

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.strict_json import Unreadable
from mailrith.events import sources
from mailrith.events.reports import EventProvider, Report, Unusable


class Raw(NamedTuple):
    """What reading needs of a request."""

    connection_id: int
    source: str
    body: bytes


class Readers:
    """Each module is looked up once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], EventProvider] = {}

    def items_of(self, raw: Raw) -> list[Report | Unusable] | Unreadable:
        """The events in a request."""
        key = raw.connection_id, raw.source
        if key not in self._found:
            self._found[key] = _reader(*key)
        return self._found[key].parse(raw.body)


def _reader(connection_id: int, source: str) -> EventProvider:
    connection = db.session.get_one(Connection, connection_id)
    return sources.reader(source or sources.of(connection).name, connection.events_mapping)
