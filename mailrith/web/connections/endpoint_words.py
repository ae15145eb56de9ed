"""A webhook's addresses, secrets and lines to try, as they have to be pasted at the service."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from mailrith.connections import actions
from mailrith.connections.models import Connection
from mailrith.core import config
from mailrith.events import shared_secret, sources, webhook_settings
from mailrith.events.providers import azure, generic
from mailrith.events.sources import Source
from mailrith.events.sources.own import GENERIC, MAPPING, RETURNED_MAIL
from mailrith.events.sources.source import Address


@dataclass(frozen=True)
class Key:
    """A key of the service, as far as it may be shown."""

    mark: str
    shown: str


@dataclass(frozen=True)
class EndpointWords:
    """What stands on the page to be copied. The old ones are empty when they hold no more."""

    address: str
    old_address: str
    old_address_until: datetime | None
    signing_secret: str
    old_signing_secret: str
    old_signing_until: datetime | None
    header: str
    keys: list[Key]
    trial: str  # lines for a terminal; empty where only the service can sign


def endpoint_words(connection: Connection) -> EndpointWords:
    """Of this connection and whoever posts to it. Raises CredentialsLost."""
    source, held = sources.of(connection), actions.hook_secrets(connection)
    address = _address(connection, held.path_secret, held.signing_secret, source)
    # Whoever still has the old secret has it in an old address.
    old_path = held.old_path_secret or (
        held.path_secret if held.old_signing_secret and source.address != Address.PLAIN else ""
    )
    old = held.old_signing_secret or held.signing_secret
    return EndpointWords(
        address=address,
        old_address=_address(connection, old_path, old, source) if old_path else "",
        old_address_until=connection.hook_path_until or connection.hook_signing_until,
        signing_secret=held.signing_secret,
        old_signing_secret=held.old_signing_secret,
        old_signing_until=connection.hook_signing_until,
        header=f"{shared_secret.HEADER}: {held.signing_secret}",
        keys=[
            Key(webhook_settings.key_mark(key), _shown(source, key)) for key in held.service_keys
        ],
        trial=_trial(source, address),
    )


def _address(connection: Connection, path_secret: str, secret: str, source: Source) -> str:
    base = config.current().public_url
    plain = f"{base}/hooks/{connection.public_id}/{path_secret}"
    if source.address == Address.BASIC:
        return plain.replace("://", f"://mailrith:{quote(secret, safe='')}@", 1)
    if source.address == Address.PARAMETER:
        return f"{plain}?{azure.PARAMETER}={quote(secret, safe='')}"
    return plain


def _shown(source: Source, key: str) -> str:
    return key if source.key_shown else f"ends in {key[-4:]}"


def _trial(source: Source, address: str) -> str:
    if source.name == GENERIC:
        return generic.sample(address)
    if source.name == RETURNED_MAIL:
        return f"curl '{address}' \\\n  -H 'Content-Type: message/rfc822' \\\n  --data-binary @bounce.eml"
    if source.name != MAPPING:
        return ""
    return f"curl '{address}' \\\n  -H 'Content-Type: application/json' \\\n  --data-binary @event.json"
