"""One module for each way that events arrive. They do not know each other; `for_connection` chooses."""

from mailrith.events.providers import generic
from mailrith.events.reports import EventProvider

# connections.models.Provider -> module; all others post our own form.
_BY_PROVIDER: dict[str, EventProvider] = {}


def for_connection(provider: str) -> EventProvider:
    """The module that reads what this kind of connection posts."""
    return _BY_PROVIDER.get(provider, generic)
