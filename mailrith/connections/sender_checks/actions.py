"""What people do about a From domain: look again, name a selector, show a test mail that arrived."""

from dataclasses import replace

from mailrith.accounts.models import User
from mailrith.connections import trail
from mailrith.connections.models import Connection
from mailrith.connections.sender_checks import proof, queries, reading
from mailrith.connections.sender_checks.dkim import MAX_SELECTORS, full_name, selector_of
from mailrith.connections.sender_checks.examination import Subject, envelope_domain, prepare
from mailrith.connections.sender_checks.proof import Proof
from mailrith.connections.sender_checks.report import Report, following
from mailrith.core import queue
from mailrith.core.addresses import domain_of
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid

JOB = "mailrith.connections.sender_checks.jobs.check"
MAX_TYPED = 8  # the rest of MAX_SELECTORS is for those that the service uses


def ask(connection: Connection) -> None:
    """Have the domain looked at by a job. Asking while it waits changes nothing."""
    if reading.waiting(connection):
        return
    connection.sender_report = {
        **(connection.sender_report or {}),
        "asked_at": now().isoformat(),
    }
    queue.enqueue(JOB, connection.id)


def ask_by_id(connection_id: int) -> None:
    """The same for the daily round."""
    connection = db.session.get(Connection, connection_id)
    if connection is not None:
        ask(connection)


def begin(connection_id: int) -> Subject | None:
    """What to look up; None when the connection is gone."""
    connection = db.session.get(Connection, connection_id)
    if connection is None or connection.deleted_at is not None:
        return None
    return prepare(connection)


def record(connection_id: int, found: Report) -> None:
    """Keep what was found, beside what the check before knew and the last proof."""
    connection = db.session.get(
        Connection, connection_id, populate_existing=True, with_for_update=True
    )
    if connection is None:
        return
    if (found.sender, found.envelope) != (connection.from_email, envelope_domain(connection)):
        return  # it was changed meanwhile, and is due already
    proved = reading.proof_of(connection)
    report = following(reading.report_of(connection), found, now())
    data = report.as_data()
    connection.sender_report = {**data, "proof": proved.as_data()} if proved else data
    connection.sender_checked_at = now()


def add_selector(connection: Connection, typed: str, user: User) -> str:
    """Look at one more DKIM selector from now on. Raises Invalid. Gives it as it is kept."""
    selector = selector_of(typed)
    if selector is None:
        raise Invalid(
            "A selector is a short name such as “mail” or “s1”: letters, digits and hyphens.",
            field="selector",
        )
    domain = domain_of(connection.from_email)
    if full_name(selector, domain).endswith(f"._domainkey.{domain}"):
        selector = full_name(selector, domain).removesuffix(f"._domainkey.{domain}")
    known = connection.dkim_selectors
    if selector not in known and len(known) >= MAX_TYPED:
        raise Invalid(f"Forget one first: {MAX_TYPED} is the most.", field="selector")
    _keep_selectors(connection, (selector,))
    trail.record(connection, "connection.selector_added", user, {"selector": selector})
    ask(connection)
    return selector


def forget_selector(connection: Connection, selector: str, user: User) -> None:
    """Look at it no more."""
    if selector not in connection.dkim_selectors:
        return
    connection.dkim_selectors = [one for one in connection.dkim_selectors if one != selector]
    trail.record(connection, "connection.selector_forgotten", user, {"selector": selector})
    ask(connection)


def prove(connection: Connection, source: str, user: User) -> Proof:
    """Read the source of a received test mail, and keep what it shows. Raises Invalid for the field `source`."""
    trial = queries.trial_of(connection, proof.message_ids(source))
    read = proof.read(source, connection.from_email, {trial.message_id} if trial else ())
    found = replace(
        read,
        at=now().isoformat(),
        route=reading.route_of(connection),
        envelope=envelope_domain(connection),
    )
    if trial is not None:
        trial.proof, trial.proved_at = found.as_data(), now()
    connection.sender_report = {**(connection.sender_report or {}), "proof": found.as_data()}
    _keep_selectors(connection, found.selectors)
    trail.record(connection, "connection.proved", user, {"receiver": found.server})
    ask(connection)
    return found


def _keep_selectors(connection: Connection, selectors: tuple[str, ...]) -> None:
    """The newest in front; those that the service uses come after them (see MAX_SELECTORS)."""
    kept = list(dict.fromkeys([*selectors, *connection.dkim_selectors]))
    connection.dkim_selectors = kept[: min(MAX_TYPED, MAX_SELECTORS)]
