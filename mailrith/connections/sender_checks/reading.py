"""A connection's stored findings, for people. Nothing here asks a name server or a database."""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from mailrith.connections.form import free_mail
from mailrith.connections.models import Connection, Provider
from mailrith.connections.sender_checks import agreement_rows, dkim_row, dmarc_row, spf_row
from mailrith.connections.sender_checks.carriers import carrier_of
from mailrith.connections.sender_checks.examination import SENDS_ITSELF
from mailrith.connections.sender_checks.proof import Proof
from mailrith.connections.sender_checks.report import Report
from mailrith.connections.sender_checks.rows import Facts, Row, State
from mailrith.core import config, tokens
from mailrith.core.clock import now

PATIENCE = timedelta(seconds=60)  # a check takes a few seconds; a worker may be busy for some more
_NAMES = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}

SKIPPED = {
    "demo": "This is the demo: its mail goes nowhere, so no name server is asked.",
    "reserved": "This domain is set aside for examples. Nobody can own it, so no name server is asked.",
    "nowhere": "This server keeps every mail that it is given. Nothing goes out, so no name server is asked.",
}


def report_of(connection: Connection) -> Report | None:
    """What name servers said last of the From address as it is now."""
    report = Report.from_data(connection.sender_report or {})
    return report if report and report.sender == connection.from_email else None


def proof_of(connection: Connection) -> Proof | None:
    """What the last test mail showed, if it went the way that mail goes now."""
    stored = connection.sender_report or {}
    proof = Proof.from_data(stored.get("proof") or {})
    if proof is None or proof.sender != connection.from_email:
        return None
    if proof.envelope != stored.get("envelope", ""):
        return None
    return proof if proof.route in _routes(connection) else None


def route_of(connection: Connection) -> str:
    """A mark of the server that carries the mail: a proof of another server is none. It tells nobody the host."""
    return _routes(connection)[0]


def asked_at(connection: Connection) -> datetime | None:
    """When a check was asked for that has not been made yet."""
    found = (connection.sender_report or {}).get("asked_at")
    return datetime.fromisoformat(found) if found else None


def waiting(connection: Connection) -> bool:
    """Whether a check is on its way."""
    asked = asked_at(connection)
    return asked is not None and now() - asked < PATIENCE


def rows_of(connection: Connection) -> list[Row]:
    """SPF, DKIM, DMARC, alignment, one-click; empty before the first check and where nobody is asked."""
    report = report_of(connection)
    if report is None or report.skipped:
        return []
    host = connection.host if connection.provider in SENDS_ITSELF else ""
    facts = Facts(report, carrier_of(connection.provider), proof_of(connection), host)
    rows = [spf_row.row(facts), dkim_row.row(facts), dmarc_row.row(facts)]
    rows = [_placed(connection, row, facts) for row in rows]
    return [*rows, agreement_rows.alignment(facts), agreement_rows.one_click(facts)]


def light(connection: Connection) -> tuple[str, str]:
    """(tone, words) for a list: tone as the status macro has it. Asks nobody."""
    report = report_of(connection)
    if report is None:
        return "", "Sender not checked yet"
    if report.skipped:
        return "", "Sender not checked"
    rows = rows_of(connection)
    wrong = [row for row in rows if row.needs_somebody]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        return "warn", f"{wrong[0].short or wrong[0].title}{more}"
    if all(row.state in {State.PROVED, State.QUIET} for row in rows):
        return "go", "Sender passes"
    if any(row.state in {State.LOOK, State.UNKNOWN} and row.name != "one_click" for row in rows):
        return "", "Sender worth a look"
    return "ink", "Sender records found"


def _placed(connection: Connection, row: Row, facts: Facts) -> Row:
    """The row as whoever reads it can act on it."""
    owner = _owner(connection, facts.envelope if row.name == "spf" else facts.domain)
    return _borrowed(row, owner) if owner else _with_history(row, facts)


def _owner(connection: Connection, domain: str) -> str:
    """Who alone can publish records of the domain, if that is nobody in the account."""
    if connection.provider == Provider.INSTALLATION:
        return "whoever runs Mailrith here"
    found = free_mail.provider_of(domain)
    return found.name if found else ""


def _borrowed(row: Row, owner: str) -> Row:
    """Nobody in the account can publish anything at the domain."""
    if row.state == State.PROVED:
        return replace(row, publish=None, notes=())
    text = f"The domain belongs to {owner}. Its records are not yours to publish, so there is nothing for you to do."
    return replace(row, state=State.QUIET, text=text, short="", publish=None, notes=())


def _with_history(row: Row, facts: Facts) -> Row:
    """Says when a record has gone, and when nobody could be asked about it now."""
    name, since = _NAMES[row.name], facts.report.gone_since(row.name)
    if since is not None and row.state != State.PROVED:
        text = f"The {name} record has gone: it was there before {since:%-d %B %Y}. {row.text}"
        return replace(row, state=State.WRONG, text=text, short=f"{name} record has gone")
    if row.name in facts.report.unanswered:
        note = "No name server answered this time; this is what was found before."
        return replace(row, notes=(note, *row.notes))
    return row


def _routes(connection: Connection) -> list[str]:
    """The mark under each key of the ring, the newest first."""
    text = f"{connection.provider}\n{connection.host}\n{connection.port}".encode()
    keys = (tokens.derive(key, "sender-route") for key in config.current().keys)
    return [hmac.new(key, text, sha256).hexdigest()[:16] for key in keys]
