"""What people set on a connection's webhook: who posts there, its keys, and new secrets. All of it stands in the audit log."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mailrith.accounts.models import User
from mailrith.connections import credentials, trail
from mailrith.connections.assigning import check_everywhere
from mailrith.connections.credentials import HookSecret
from mailrith.connections.models import Connection
from mailrith.core.errors import Invalid
from mailrith.events import mapping, sources
from mailrith.events.sources import Source
from mailrith.events.sources.own import MAPPING

MOST_KEYS = 5
LONGEST_KEY = 8_000  # characters; a public key in PEM is a tenth of it


def choose(connection: Connection, name: str, user: User) -> Source:
    """Have the events read as this source's. Raises Invalid and Forbidden."""
    check_everywhere(connection, user)
    source = sources.named(name)
    if source is None:
        raise Invalid("Choose one of the services in the list.", field="source")
    if source.name == MAPPING and not connection.events_mapping:
        raise Invalid("Describe its JSON first.", field="source")
    connection.events_source = source.name
    trail.record(connection, "connection.events_source", user, {"source": source.name})
    return source


def keep_mapping(connection: Connection, settings: Mapping[str, Any], user: User) -> None:
    """Read the events by this mapping from now on. Raises Invalid and Forbidden."""
    check_everywhere(connection, user)
    checked = mapping.check(settings)
    connection.events_mapping = json.loads(checked.model_dump_json())
    choose(connection, MAPPING, user)


def rotate(connection: Connection, which: HookSecret, user: User) -> None:
    """A new secret; the one before it holds on for a while. Raises CredentialsLost and Forbidden."""
    check_everywhere(connection, user)
    credentials.rotate_hook_secret(connection, which)
    trail.record(connection, f"connection.webhook_{which}_replaced", user)


def end_old(connection: Connection, which: HookSecret, user: User) -> None:
    """The secret before the last change stops now. Raises Forbidden."""
    check_everywhere(connection, user)
    credentials.end_old_hook_secret(connection, which)
    trail.record(connection, f"connection.webhook_{which}_ended", user)


def add_key(connection: Connection, typed: str, user: User) -> None:
    """Believe what this key of the service signs, beside those that are there. Raises Invalid and Forbidden."""
    check_everywhere(connection, user)
    source, key = sources.of(connection), typed.strip()
    _check_key(source, key)
    keys = credentials.hook_secrets(connection).service_keys
    if key not in keys and len(keys) >= MOST_KEYS:
        raise Invalid(
            f"{MOST_KEYS} are the most. Remove one that is not used any more.", field="key"
        )
    credentials.seal_service_keys(connection, (key, *(each for each in keys if each != key)))
    trail.record(connection, "connection.events_key_added", user)


def remove_key(connection: Connection, mark: str, user: User) -> None:
    """Believe it no more; `mark` is of `key_mark`. Raises Forbidden."""
    check_everywhere(connection, user)
    keys = credentials.hook_secrets(connection).service_keys
    kept = tuple(key for key in keys if key_mark(key) != mark)
    if len(kept) == len(keys):
        return
    credentials.seal_service_keys(connection, kept)
    trail.record(connection, "connection.events_key_removed", user)


def key_mark(key: str) -> str:
    """Names a key in a form without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _check_key(source: Source, key: str) -> None:
    if not source.takes_key:
        raise Invalid(f"{source.label} has no key to paste.", field="key")
    if not key:
        raise Invalid(f"Paste the {source.key_words}.", field="key")
    if len(key) > LONGEST_KEY or not key.isascii() or "\0" in key:
        raise Invalid(f"This is no {source.key_words}. Copy it again.", field="key")
    if not key.startswith(source.key_start):
        raise Invalid(f"This is no {source.key_words}. {source.key_hint}", field="key")
