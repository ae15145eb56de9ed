"""How a connection is, in one value for the list and the page. Reads the row alone, so a list costs no query a line."""

from dataclasses import dataclass
from datetime import datetime

from mailrith.connections.checks.reports import pause_reason
from mailrith.connections.models import Connection, ConnectionState
from mailrith.connections.standing.pausing import by_share
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now

CERTIFICATE_WARNING_DAYS = 14


@dataclass(frozen=True)
class Health:
    """`sentence` says what `state` means; `since` when it began, None for ready. `sent_today` counts 24 hours.

    `limit` is what it may carry in these, None without a limit. `certificate_days` is 0 or less for one that has run out,
    None while none was seen. `tried_next` is None when Mailrith does not try it by itself.
    """

    state: ConnectionState
    sentence: str
    since: datetime | None
    verified_at: datetime | None
    last_error: str
    last_error_at: datetime | None
    certificate_days: int | None
    sent_today: int
    limit: int | None
    tried_next: datetime | None
    returned: str = ""  # what is wrong with its mail of the last seven days, or nothing

    @property
    def certificate_ends(self) -> bool:
        """Whether somebody should renew the certificate."""
        return (
            self.certificate_days is not None and self.certificate_days < CERTIFICATE_WARNING_DAYS
        )


def health_of(
    connection: Connection,
    *,
    sent_today: int,
    reputation: Reputation | None = None,
    whole: bool = True,
) -> Health:
    """How the connection is now. `reputation` is the last count of what came back; not `whole`: without its numbers."""
    found = reputation or Reputation(0, 0, 0)
    returned = found.sentence if whole else found.discreet
    paused = connection.state == ConnectionState.PAUSED
    return Health(
        state=connection.state,
        sentence=_sentence(connection, returned),
        since=connection.paused_at if paused else connection.disabled_at,
        verified_at=connection.verified_at,
        last_error=connection.last_error,
        last_error_at=connection.last_error_at,
        certificate_days=_certificate_days(connection),
        sent_today=sent_today,
        limit=connection.per_day,
        tried_next=connection.probe_at if paused else None,
        returned=returned,
    )


def _sentence(connection: Connection, returned: str) -> str:
    if connection.state == ConnectionState.DISABLED:
        return "Somebody disabled it. Nothing leaves through it."
    why = pause_reason(connection)
    if why is not None:
        figures = f" {returned}" if by_share(connection) else ""
        return f"Mailrith paused it: {why.what}{figures}"
    if connection.verified_at is None:
        return (
            "It did not work when it was last tried."
            if connection.last_error
            else "Nobody has verified it yet."
        )
    days = _certificate_days(connection)
    if days is not None and days < CERTIFICATE_WARNING_DAYS:
        return "It works, and its certificate is about to run out."
    if connection.last_error:
        return "It worked, and then something went wrong."
    return f"It works. {returned}".strip()


def _certificate_days(connection: Connection) -> int | None:
    until = connection.certificate_until
    return None if until is None else (until - now()).days
