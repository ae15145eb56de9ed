"""The server that the operator offers to everybody: MAILRITH_DEFAULT_SMTP_URL, with MAILRITH_DEFAULT_FROM.

A connection of `Provider.INSTALLATION` holds neither its host nor its sign-in: both are read from the settings each time.
"""

from dataclasses import dataclass

from mailrith.core import config
from mailrith.core.config import Settings
from mailrith.core.errors import Conflict
from mailrith.core.network import ANYWHERE, is_loopback_host
from mailrith.smtp.server import INTERACTIVE, Server, Timeouts, server_from_url


class NotOffered(Conflict):
    """The operator has taken the offer back."""

    def __init__(self) -> None:
        super().__init__(
            "The person who runs Mailrith offers no server at the moment. Choose another connection."
        )


@dataclass(frozen=True)
class Offer:
    """What everybody may send through. `from_email` is on every mail; `loopback` is a server on this machine."""

    from_email: str
    loopback: bool


def offer(settings: Settings | None = None) -> Offer | None:
    """What is offered, or None."""
    settings = settings or config.current()
    if settings.default_smtp_url is None or settings.default_from is None:
        return None
    offered = server_from_url(settings.default_smtp_url, policy=ANYWHERE)
    return Offer(settings.default_from, is_loopback_host(offered.host))


def server(timeouts: Timeouts = INTERACTIVE) -> Server:
    """The offered server, with the operator's sign-in. Raises NotOffered."""
    url = config.current().default_smtp_url
    if url is None:
        raise NotOffered
    return server_from_url(url, policy=ANYWHERE, timeouts=timeouts)
