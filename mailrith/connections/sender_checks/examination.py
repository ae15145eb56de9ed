"""One check of a From domain. `prepare` reads the row; `examine` asks name servers, so no transaction may be open then."""

from dataclasses import dataclass

from mailrith.connections.mailbox import queries as mailboxes
from mailrith.connections.models import Connection, Provider
from mailrith.connections.sender_checks import dkim, dmarc, spf
from mailrith.connections.sender_checks.carriers import carrier_of, selectors_of
from mailrith.connections.sender_checks.lookup import Lookup
from mailrith.connections.sender_checks.report import Report
from mailrith.core import config
from mailrith.core.addresses import domain_of
from mailrith.core.network import IPAddress, is_public, literal_address
from mailrith.core.reserved import reserved

SENDS_ITSELF = frozenset({Provider.CUSTOM_SMTP, Provider.POSTAL})
NOWHERE = frozenset({Provider.LOCAL_CATCHER})  # keeps what it is given


@dataclass(frozen=True, repr=False)
class Subject:
    """What is looked up. `host` is empty unless mail leaves from the server itself; it is a secret. `envelope` as in `Report`."""

    sender: str
    provider: Provider
    selectors: tuple[str, ...]
    envelope: str = ""
    host: str = ""
    skipped: str = ""


def prepare(connection: Connection) -> Subject:
    """Everything that a check needs of the row."""
    own_host = connection.provider in SENDS_ITSELF and not connection.loopback
    return Subject(
        connection.from_email,
        connection.provider,
        (*connection.dkim_selectors, *selectors_of(connection.provider)),
        envelope_domain(connection),
        connection.host if own_host else "",
        _skipped(connection),
    )


def envelope_domain(connection: Connection) -> str:
    """The domain of the bounce mailbox, if mail leaves with it; empty where From or the service's own is on the envelope."""
    if not carrier_of(connection.provider).keeps_envelope:
        return ""
    found = domain_of(mailboxes.envelope_of(connection))
    return found if found != domain_of(connection.from_email) else ""


def examine(subject: Subject, lookup: Lookup) -> Report:
    """Ask, and report. Takes up to the lookup's budget."""
    if subject.skipped:
        return Report(subject.sender, skipped=subject.skipped, envelope=subject.envelope)
    domain = domain_of(subject.sender)
    carrier = carrier_of(subject.provider)
    return Report(
        subject.sender,
        spf.examine(lookup, subject.envelope or domain, _addresses(lookup, subject.host)),
        dkim.examine(lookup, domain, subject.selectors),
        dmarc.examine(lookup, domain),
        next(iter(lookup.alias(f"{carrier.return_path[0]}.{domain}").texts), "")
        if carrier.return_path
        else "",
        envelope=subject.envelope,
    )


def _addresses(lookup: Lookup, host: str) -> tuple[IPAddress, ...]:
    """Public addresses of the server. Many send from others than they take mail at, so this proves little."""
    if not host:
        return ()
    literal = literal_address(host)
    found = (literal,) if literal else lookup.addresses(host)[1]
    return tuple(address for address in found if is_public(address))[:8]


def _skipped(connection: Connection) -> str:
    if reserved(connection.from_email):
        return "reserved"
    if connection.provider in NOWHERE:
        return "nowhere"
    return "demo" if config.current().demo else ""
