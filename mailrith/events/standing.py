"""How a connection's webhook stands: when something came last, and since when everything is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailrith.connections import credentials
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.events import queries, sources
from mailrith.events.models import HookRefusals


class Light(StrEnum):
    """What the page shows."""

    GOOD = "good"
    QUIET = "quiet"  # nothing came yet
    KEYLESS = "keyless"  # the service's key is missing, so everything would be refused
    REFUSING = "refusing"  # what came last was refused


@dataclass(frozen=True, slots=True)
class Standing:
    """last: when something was taken last. since, refused, sentence: of what was refused since then."""

    light: Light
    last: datetime | None
    since: datetime | None = None
    refused: int = 0
    sentence: str = ""


def of(connection: Connection) -> Standing:
    """How it stands now. Raises CredentialsLost."""
    last = queries.last_request_at(connection.id)
    row = db.session.get(HookRefusals, connection.id)
    if row is not None and (last is None or row.last_at > last):
        return Standing(Light.REFUSING, last, row.first_at, row.count, row.sentence)
    keys = credentials.hook_secrets(connection).service_keys
    if sources.of(connection).needs_key and not keys:
        return Standing(Light.KEYLESS, last)
    return Standing(Light.GOOD if last else Light.QUIET, last)
