"""Verify: try a connection's server without sending anything, and keep what was found.

`verify` talks to the network, so no transaction may be open then: end one before it, and begin another for the result.
"""

from dataclasses import dataclass

from mailrith.accounts.models import User
from mailrith.connections.actions import resume_connection
from mailrith.connections.credentials import server_for
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.smtp.server import INTERACTIVE, Server
from mailrith.smtp.verify import Report
from mailrith.smtp.verify import verify as try_server


@dataclass(frozen=True)
class Probe:
    """What Verify needs, read while the row was at hand."""

    server: Server
    sender: str


def prepare(connection: Connection) -> Probe:
    """Open the sign-in for a Verify that somebody waits for. Raises CredentialsLost."""
    return Probe(server_for(connection, timeouts=INTERACTIVE), connection.from_email)


def verify(probe: Probe) -> Report:
    """Connect, encrypt, sign in and ask about the sender. Call it outside of a transaction."""
    return try_server(probe.server, probe.sender)


def record_report(connection: Connection, report: Report, user: User | None) -> None:
    """Keep what Verify found; a good report ends a pause."""
    connection.last_report = report.as_data()
    connection.certificate_until = report.certificate_until
    connection.verified_at = now() if report.ok else None
    connection.last_error = "" if report.failed is None else report.failed.words
    if report.ok:
        resume_connection(connection, user)
