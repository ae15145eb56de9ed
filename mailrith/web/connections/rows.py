"""What the list says about each connection, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailrith.connections import queries
from mailrith.connections.models import Connection, ConnectionState
from mailrith.connections.reports import pause_reason
from mailrith.core.clock import now
from mailrith.delivery.queries import by_connection_today

CERTIFICATE_WARNING = timedelta(days=14)


@dataclass(frozen=True)
class Row:
    """One line of the list. `tone` and `glyph` are those of the status macro."""

    connection: Connection
    workspaces: tuple[str, ...]
    used_today: int
    label: str
    glyph: str
    tone: str
    note: str = ""

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody has to look at it."""
        return self.tone in {"warn", "bad"}

    @property
    def bar_tone(self) -> str:
        """Colour of the bar of what it sent today."""
        return "bad" if self.tone == "bad" else "go"


def rows_of(connections: Sequence[Connection]) -> list[Row]:
    """One row each, in the same order."""
    names = queries.workspaces_of([connection.id for connection in connections])
    return [
        Row(
            connection,
            tuple(workspace.name for workspace in names[connection.id]),
            by_connection_today(connection.id),
            *_standing(connection),
        )
        for connection in connections
    ]


def matches(row: Row, text: str) -> bool:
    """Whether the search text is in its name, host or sender."""
    connection = row.connection
    fields = (connection.name, connection.host, connection.from_email, connection.from_name)
    return all(any(word in field.lower() for field in fields) for word in text.lower().split())


def certificate_is_ending(connection: Connection) -> bool:
    """Whether its certificate has run out or soon will."""
    until = connection.certificate_until
    return until is not None and until - now() < CERTIFICATE_WARNING


def _standing(connection: Connection) -> tuple[str, str, str, str]:
    """(label, glyph, tone, note)"""
    if connection.state == ConnectionState.DISABLED:
        return "Disabled", "circle-minus", "", ""
    why = pause_reason(connection)
    if why is not None:
        return "Paused by Mailrith", "octagon-pause", "bad", why.what
    if certificate_is_ending(connection):
        return "Ready, look soon", "triangle-alert", "warn", "Its certificate is about to run out."
    if connection.last_error:
        return "Verify failed", "triangle-alert", "warn", "It was not ready when last tried."
    if connection.verified_at is None:
        return "Not verified yet", "circle-dashed", "", "Verify tries it without sending."
    return "Ready", "circle-check", "go", ""
