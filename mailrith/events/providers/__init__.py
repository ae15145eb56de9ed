"""One module for each way that events arrive. They do not know each other; `for_connection` chooses."""

from mailrith.events.providers import generic
from mailrith.events.reports import EventProvider

_BY_PROVIDER: dict[str, EventProvider] = {"custom-smtp": generic}


def for_connection(provider: str) -> EventProvider:
    """The module that reads what this kind of connection posts."""
    return _BY_PROVIDER[provider]
