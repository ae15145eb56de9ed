"""Verify: try a connection's server without sending anything, and keep what was found.

`verify` talks to the network, so no transaction may be open then: end one before it, and begin another for the result.
"""

from mailrith.accounts.models import User
from mailrith.connections.actions import resume_connection
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.smtp.server import Server
from mailrith.smtp.verify import Report
from mailrith.smtp.verify import verify as try_server


def verify(server: Server, sender: str) -> Report:
    """Connect, encrypt, sign in and ask about the sender. Call it outside of a transaction."""
    return try_server(server, sender)


def record_report(connection: Connection, report: Report, user: User | None) -> None:
    """Keep what Verify found; a good report ends a pause."""
    connection.last_report = report.as_data()
    connection.certificate_until = report.certificate_until
    connection.verified_at = now() if report.ok else None
    connection.last_error = "" if report.failed is None else report.failed.words
    if report.ok:
        resume_connection(connection, user)
