"""Whether a connection may carry mail now, and if not, why."""

from dataclasses import dataclass

from mailrith.connections.models import Connection
from mailrith.core import config
from mailrith.core.config import Settings
from mailrith.smtp.causes import cause


@dataclass(frozen=True)
class Problem:
    """Why not. `code` is stable, `sentence` is for people."""

    code: str
    sentence: str


NO_PUBLIC_URL = Problem(
    "public_url",
    "Links in your mail would lead nowhere: MAILRITH_PUBLIC_URL is not a public https address yet. Until the person who runs "
    "Mailrith sets it, only test mails and servers on this machine work.",
)


def sendable(connection: Connection, settings: Settings | None = None) -> Problem | None:
    """None if a broadcast may leave through it, else the reason."""
    if connection.deleted_at is not None:
        return Problem("deleted", f"{connection.name} was deleted. Choose another connection.")
    if not connection.enabled:
        return Problem("disabled", f"{connection.name} is disabled. Enable it, or choose another.")
    if connection.paused_at is not None:
        why = cause(connection.pause_cause)
        return Problem("paused", f"Mailrith paused {connection.name}. {why.what} {why.todo[0]}")
    if not connection.loopback and not (settings or config.current()).public_https:
        return NO_PUBLIC_URL
    return None
