"""What the edges call: a provider's request comes in by three steps, so that nothing is held open while a slow body arrives."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from mailrith.connections import actions as connections
from mailrith.connections import queries as connection_queries
from mailrith.core.db import db, transaction_mode
from mailrith.events import providers, recording, refusals, single_use, sources
from mailrith.events.providers import azure
from mailrith.events.providers.azure import Answer
from mailrith.events.reports import BadSignature, EventProvider, Keys, Post
from mailrith.events.strict_json import Unreadable


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A connection's webhook, for somebody who knew its address."""

    connection_id: int
    source: str  # a name of `sources`
    reader: EventProvider
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


def is_probed(endpoint: Endpoint) -> bool:
    """Whether whoever posts here looks first, by a HEAD, whether somebody is there."""
    return endpoint.source == "mandrill"


def answer(endpoint: Endpoint, post: Post) -> Answer | None:
    """What a verified request wants to hear before its sender posts events; None when it only brings some."""
    return azure.answer(post) if endpoint.source == "azure" else None


def believe(endpoint: Endpoint, post: Post) -> BadSignature | None:
    """Why the request is not believed, or None. Touches no database."""
    bad = endpoint.reader.verify(post, endpoint.keys)
    token = providers.single_use_token(endpoint.source, post.body) if bad is None else ""
    return single_use.bind(token, post.body) if token else bad


def refuse(endpoint: Endpoint, post: Post) -> BadSignature | Unreadable | int:
    """Why the request is refused, or how many events it has. Touches no database."""
    bad = believe(endpoint, post)
    if bad is not None:
        return bad
    events = endpoint.reader.parse(post.body)
    return events if isinstance(events, Unreadable) else len(events)


def note_refusal(endpoint: Endpoint, found: BadSignature | Unreadable) -> None:
    """Count it, for the connection's page. The caller commits."""
    refusals.note(endpoint.connection_id, found.sentence)


def store(endpoint: Endpoint, content_type: str, body: bytes, events: int) -> Stored | Overloaded:
    """Keep a verified request. The caller commits, and answers only then."""
    if recording.overloaded():
        return Overloaded()
    recording.record(endpoint.connection_id, content_type, body, source=endpoint.source)
    return Stored(events)


def _find(public_id: str, path_secret: str) -> Endpoint | None:
    try:
        key = UUID(public_id)
    except ValueError:
        return None
    connection = connection_queries.find_for_hook(key)
    if connection is None:
        return None
    held = connections.hook_secrets(connection)
    fits = [_same(right, path_secret) for right in (held.path_secret, held.old_path_secret)]
    if not held.signing_secret or not any(fits):
        return None
    source = sources.of(connection).name
    reader = sources.reader(source, connection.events_mapping)
    ours = tuple(filter(None, (held.signing_secret, held.old_signing_secret)))
    return Endpoint(connection.id, source, reader, Keys(ours, held.service_keys))


def _same(right: str, given: str) -> bool:
    # An empty secret opens nothing. Bytes, because compare_digest refuses other text than ASCII.
    return bool(right) and hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))
