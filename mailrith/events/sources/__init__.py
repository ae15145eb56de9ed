"""Whose events are posted to a connection: the module that reads them, and what somebody has to do at that service."""

from collections.abc import Mapping
from typing import Any

from mailrith.connections.models import Connection
from mailrith.events import mapping, providers
from mailrith.events.mailbox import returned
from mailrith.events.providers import returned_mail
from mailrith.events.reports import EventProvider
from mailrith.events.sources.own import FORMS, GENERIC, MAPPING, RETURNED_MAIL
from mailrith.events.sources.posting import SERVICES
from mailrith.events.sources.relayed import Mapped
from mailrith.events.sources.source import Source

__all__ = ["Source", "choices", "named", "of", "reader"]

_ALL = {source.name: source for source in (*SERVICES, *FORMS)}


def choices() -> list[Source]:
    """Every source, services by their name, then the forms for relays of one's own."""
    return list(_ALL.values())


def named(name: str) -> Source | None:
    """The source of this name, or None."""
    return _ALL.get(name)


def of(connection: Connection) -> Source:
    """The one that somebody chose, or else the provider's own; the generic form where the provider has none."""
    chosen = connection.events_source or str(connection.provider)
    return _ALL.get(chosen) or _ALL[GENERIC]


def reader(name: str, settings: Mapping[str, Any]) -> EventProvider:
    """What believes and reads this source. `settings` is the connection's mapping. Raises Invalid for a mapping that is none."""
    if name == MAPPING:
        return Mapped(mapping.check(settings))
    if name == RETURNED_MAIL:
        return returned_mail
    if name == returned.SOURCE:
        return returned
    return providers.named(name) or providers.for_connection(name)
