"""The webhook of a connection: who may post there. What was found is remembered for a second.

Reading the connection and opening its secrets costs more than everything else that a POST needs. So a secret that was ended stops
within a second, in every process; a new one holds at once, because nobody is refused by what is only remembered.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from mailrith.connections import credentials
from mailrith.connections import queries as connection_queries
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db, transaction_mode
from mailrith.events import sources
from mailrith.events.reports import EventProvider, Keys

KEPT = timedelta(seconds=0.75)
READING = timedelta(seconds=0.25)  # so long others go on with what was remembered, while one reads
MOST = (
    1000  # endpoints that are remembered; a process of a large installation sees fewer in a second
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connection's webhook, for somebody who knew its address."""

    connection_id: int
    source: str  # a name of `sources`
    reader: EventProvider
    keys: Keys
    fresh: bool = True  # read just now, not remembered

    def __repr__(self) -> str:
        return f"Endpoint(connection_id={self.connection_id})"


@dataclass(frozen=True, slots=True)
class _Known:
    endpoint: Endpoint
    path_secrets: tuple[str, ...] = field(repr=False)
    until: datetime
    settings: config.Settings  # whose keys opened the secrets
    asked: bool = False  # its time was over, and somebody reads


_known: dict[UUID, _Known] = {}


def find(public_id: str, path_secret: str, *, fresh: bool = False) -> Endpoint | None:
    """The webhook at this address, or None: an unknown connection and a wrong secret are never told apart.

    fresh: do not trust what is remembered. Raises CredentialsLost.
    """
    try:
        key = UUID(public_id)
    except ValueError:
        return None
    remembered = None if fresh else _remembered(key)
    if remembered is not None:
        found = _opened(remembered, path_secret)
        if found is not None:
            return replace(found, fresh=False)
    known = _read(key)
    return _opened(known, path_secret) if known else None


def _remembered(key: UUID) -> _Known | None:
    """What holds still. Who finds that it does not any more reads anew, and the others need not meanwhile."""
    known = _known.get(key)
    if known is None or known.settings is not config.current():
        return None
    moment = now()
    if known.until > moment:
        return known
    if not known.asked and known.until + READING > moment:
        _known[key] = replace(known, until=known.until + READING, asked=True)
    return None


def _read(key: UUID) -> _Known | None:
    """What the database says, which is remembered. Ends its transaction."""
    with transaction_mode(read_only=True):
        known = _from_row(key)
        db.session.rollback()
    if len(_known) >= MOST:
        _known.clear()
    if known is not None:
        _known[key] = known
    return known


def _from_row(key: UUID) -> _Known | None:
    connection = connection_queries.find_for_hook(key)
    if connection is None:
        return None
    held = credentials.hook_secrets(connection)
    paths = tuple(filter(None, (held.path_secret, held.old_path_secret)))
    ours = tuple(filter(None, (held.signing_secret, held.old_signing_secret)))
    source = sources.of(connection).name
    endpoint = Endpoint(
        connection.id,
        source,
        sources.reader(source, connection.events_mapping),
        Keys(ours, held.service_keys),
    )
    paths = paths if held.signing_secret else ()
    return _Known(endpoint, paths, now() + KEPT, config.current())


def _opened(known: _Known, given: str) -> Endpoint | None:
    fits = [_same(right, given) for right in known.path_secrets]
    return known.endpoint if any(fits) else None


def _same(right: str, given: str) -> bool:
    # An empty secret opens nothing. Bytes, because compare_digest refuses other text than ASCII.
    return bool(right) and hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))
