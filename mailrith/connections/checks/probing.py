"""Verify: try a connection's server without sending anything, and keep what was found.

`verify` talks to the network, so no transaction may be open then: end one before it, and begin another for the result.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from mailrith.accounts.models import User
from mailrith.connections.credentials import server_for
from mailrith.connections.mailbox.queries import envelope_of
from mailrith.connections.models import Connection
from mailrith.connections.standing import notices, pausing
from mailrith.core.clock import now
from mailrith.smtp.discretion import without_host
from mailrith.smtp.server import INTERACTIVE, Server
from mailrith.smtp.verify import Report, Step, planned
from mailrith.smtp.verify import verify as try_server


@dataclass(frozen=True)
class Probe:
    """What Verify needs, read while the row was at hand. `sender` is what broadcasts have on the envelope."""

    server: Server
    sender: str
    author: str


def prepare(connection: Connection) -> Probe:
    """Open the sign-in for a Verify that somebody waits for. Raises CredentialsLost."""
    server = server_for(connection, timeouts=INTERACTIVE)
    return Probe(server, envelope_of(connection), connection.from_email)


def verify(probe: Probe, observe: Callable[[Step], None] | None = None) -> Report:
    """Connect, encrypt, sign in and ask about the sender. Call it outside of a transaction.

    `observe` is given each step that was tried, as soon as it has ended. No step names the host: it is kept as a secret.
    """

    def without_name(step: Step) -> Step:
        words = without_host(step.words, probe.server.host)
        facts = {key: without_host(fact, probe.server.host) for key, fact in step.facts.items()}
        return replace(step, words=words, facts=facts)

    def tell(step: Step) -> None:
        if observe is not None:
            observe(without_name(step))

    report = try_server(probe.server, probe.sender, author=probe.author, observe=tell)
    return replace(report, steps=tuple(without_name(step) for step in report.steps))


def planned_for(probe: Probe) -> tuple[Step, ...]:
    """The steps that lie before this probe, none of them tried."""
    server = probe.server
    return planned(server.security, signs_in=server.signs_in, sender=bool(probe.sender))


def record_report(connection: Connection, report: Report, user: User | None) -> None:
    """Keep what Verify found. A good report ends a pause; without `user` a bad one may begin one, or puts off its end."""
    connection.last_report = report.as_data()
    if report.ok or report.certificate_until is not None:
        connection.certificate_until = report.certificate_until
    if user is None:
        notices.certificate_ends(connection)
    failed = report.failed
    if failed is None:
        connection.verified_at = now()
        connection.last_error, connection.last_error_at = "", None
        if connection.paused_at is None:
            connection.probe_failures = 0  # it has lasted
        pausing.resume_connection(connection, user)
        return
    if connection.paused_at is not None:
        pausing.still_paused(connection, failed.cause, failed.words, tried=user is None)
    elif user is None:
        _found_by_ourselves(connection, failed)
        return
    connection.verified_at = None
    pausing.note_error(connection, failed.cause, failed.words)


def _found_by_ourselves(connection: Connection, failed: Step) -> None:
    """Nobody looked at it. What will not mend itself stops it now; what passes may be over before the next broadcast."""
    pausing.note_error(connection, failed.cause, failed.words)
    if pausing.for_people(failed.cause):
        connection.verified_at = None
        pausing.pause_connection(connection.id, failed.cause, failed.words)
