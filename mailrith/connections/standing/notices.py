"""What the people who manage a connection are told by mail: it stopped, it works again, its certificate runs out.

The audit log says what was told already: one mail a day for each cause. No mail holds a secret, nor a server's words.
"""

from collections.abc import Iterable
from datetime import timedelta

from mailrith.accounts import system_mail
from mailrith.connections import trail
from mailrith.connections.checks import queries as check_queries
from mailrith.connections.models import Connection
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.smtp.causes import RETURNED_CAUSES
from mailrith.smtp.causes import cause as cause_of

ONCE_IN = timedelta(days=1)
CERTIFICATE_DAYS = (3, 14)  # before its end


def paused(connection: Connection) -> None:
    """Mailrith stopped using it. Call it before the audit log has it."""
    cause = connection.pause_cause
    if _told(connection, "connection.paused", cause):
        return
    why = cause_of(cause)
    then = "Mailrith does not try this again by itself. Mend it, then press Verify on its page."
    if connection.probe_at:
        then = "Mailrith tries it again by itself and goes on as soon as it works."
    elif cause in RETURNED_CAUSES:
        then = "Mailrith does not go on by itself. Once you know what it was, press Use it again on its page."
    _tell(connection, "Paused", [f"{why.title}. {why.what} {why.likely}", *why.todo, then])


def recovered(connection: Connection, cause: str) -> None:
    """A try of Mailrith's passed. Call it before the audit log has it."""
    if not _told(connection, "connection.resumed", cause):
        was = cause_of(cause)
        goes_on = "Mailrith uses it again. What waited for it goes on by itself."
        _tell(connection, "Works again", [goes_on, f"It had stopped because: {was.title}."])


def certificate_ends(connection: Connection) -> None:
    """Its certificate has few days left: told once for each of CERTIFICATE_DAYS."""
    until = connection.certificate_until
    if until is None or until <= now():  # what has run out already is told as a pause
        return
    left = until - now()
    step = next((days for days in CERTIFICATE_DAYS if left <= timedelta(days=days)), None)
    details: dict[str, object] = {"until": until.isoformat(), "days": step}
    action = "connection.certificate_ending"
    since = now() - 2 * timedelta(days=max(CERTIFICATE_DAYS))
    if step is None or check_queries.noted_since(connection, action, since, details):
        return
    trail.record(connection, action, None, details)
    day = f"{until.day} {until:%B %Y}"
    lines = [
        f"The certificate of its server is valid until {day}. After that Mailrith will not send through it.",
        "Ask the people who run the server to renew it. Most do so by themselves in time.",
    ]
    _tell(connection, "Certificate runs out", lines)


def _told(connection: Connection, action: str, cause: str) -> bool:
    return check_queries.noted_since(connection, action, now() - ONCE_IN, {"cause": cause})


def _tell(connection: Connection, what: str, lines: Iterable[str]) -> None:
    for person, workspace in check_queries.managers_of(connection):
        place = f"{config.current().public_url}/w/{workspace.slug}/connections"
        system_mail.write(
            "connection",
            person.email,
            what=what,
            title=connection.name,
            workspace=workspace.name,
            lines=list(lines),
            link=f"{place}/{connection.public_id}",
            verb="Open the connection",
        )
