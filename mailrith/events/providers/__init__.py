"""One module for each way that events arrive. They do not know each other; `for_connection` chooses."""

from mailrith.connections.models import Provider
from mailrith.events.providers import (
    brevo,
    generic,
    mailgun,
    mailjet,
    postmark,
    sendgrid,
    sparkpost,
)
from mailrith.events.reports import EventProvider

# connections.models.Provider -> module; all others post our own form.
_BY_PROVIDER: dict[str, EventProvider] = {
    Provider.SENDGRID: sendgrid,
    Provider.MAILGUN: mailgun,
    Provider.POSTMARK: postmark,
    Provider.BREVO: brevo,
    Provider.SPARKPOST: sparkpost,
    Provider.MAILJET: mailjet,
}


def for_connection(provider: str) -> EventProvider:
    """The module that reads what this kind of connection posts."""
    return _BY_PROVIDER.get(provider, generic)
