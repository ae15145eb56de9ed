"""What the edges call: a provider's request comes in by three steps, so that nothing is held open while a slow body arrives."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from mailrith.connections import actions as connections
from mailrith.connections import queries as connection_queries
from mailrith.core.db import db, transaction_mode
from mailrith.events import providers, recording, single_use
from mailrith.events.reports import BadSignature, Headers, Keys, Post
from mailrith.events.strict_json import Unreadable


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connection's webhook, for somebody who knew its address."""

    connection_id: int
    provider: str
    keys: Keys

    def __repr__(self) -> str:
        return f"Endpoint(connection_id={self.connection_id})"


@dataclass(frozen=True, slots=True)
class Stored:
    """The request is safe on disk. `events` is how many it brought."""

    events: int


@dataclass(frozen=True, slots=True)
class Overloaded:
    """Too much waits already; the sender has to come back."""


def endpoint(public_id: str, path_secret: str) -> Endpoint | None:
    """The webhook at this address, or None: an unknown connection and a wrong secret are never told apart. Ends its transaction."""
    with transaction_mode(read_only=True):
        found = _find(public_id, path_secret)
        db.session.rollback()
    return found


def refuse(endpoint: Endpoint, headers: Headers, body: bytes) -> BadSignature | Unreadable | int:
    """Why the request is refused, or how many events it has. Touches no database."""
    provider = providers.for_connection(endpoint.provider)
    bad = provider.verify(Post(headers, body), endpoint.keys)
    token = providers.single_use_token(endpoint.provider, body) if bad is None else ""
    bad = single_use.bind(token, body) if token else bad
    if bad is not None:
        return bad
    events = provider.parse(body)
    return events if isinstance(events, Unreadable) else len(events)


def store(endpoint: Endpoint, content_type: str, body: bytes, events: int) -> Stored | Overloaded:
    """Keep a verified request. The caller commits, and answers only then."""
    if recording.overloaded():
        return Overloaded()
    recording.record(endpoint.connection_id, content_type, body)
    return Stored(events)


def _find(public_id: str, path_secret: str) -> Endpoint | None:
    try:
        key = UUID(public_id)
    except ValueError:
        return None
    connection = connection_queries.find_for_hook(key)
    if connection is None:
        return None
    secrets = connections.hook_secrets(connection)
    if not secrets.signing_secret or not _same(secrets.path_secret, path_secret):
        return None
    return Endpoint(connection.id, str(connection.provider), Keys((secrets.signing_secret,)))


def _same(right: str, given: str) -> bool:
    # An empty secret opens nothing. Bytes, because compare_digest refuses other text than ASCII.
    return bool(right) and hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))
