"""A stored request, read by the module of whoever posted it."""

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.events import sources
from mailrith.events.models import HookRequest
from mailrith.events.reports import Report, Unusable
from mailrith.events.strict_json import Unreadable


def items_of(request: HookRequest) -> list[Report | Unusable] | Unreadable:
    """The events in it."""
    connection = db.session.get_one(Connection, request.connection_id)
    source = request.source or sources.of(connection).name
    return sources.reader(source, connection.events_mapping).parse(request.body)
