"""What a received test mail shows: the only evidence that SPF, DKIM and DMARC pass.

Somebody pastes the source of a mail that Mailrith sent. What its receiver wrote on top could be made up by whoever pastes it, so
every page that shows it names the server which claims it.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_string
from email.message import Message
from email.utils import parseaddr
from typing import Any

from mailrith.connections.sender_checks import authentication_results, tags
from mailrith.connections.sender_checks.authentication_results import Result, Results
from mailrith.connections.sender_checks.dkim import selector_of
from mailrith.connections.sender_checks.domains import organisational
from mailrith.core.addresses import domain_of
from mailrith.core.errors import Invalid

MAX_SOURCE_CHARS = 2_000_000
MAX_HEAD_CHARS = 256 * 1024
MAX_SIGNATURES = 8
TRIAL_HEADER = "X-Mailrith-Trial"  # holds the Message-ID, which some services replace by their own
ONE_CLICK = ("list-unsubscribe", "list-unsubscribe-post")

NOT_A_SOURCE = (
    "This is not the full source of a mail. In your mail program choose “Show original” or “View source”, "
    "copy everything, and paste it here."
)
NOT_OURS = (
    "This is not a test mail of this connection. Send one, wait for it in your mailbox, "
    "and paste the source of that mail."
)
NOBODY_CHECKED = (
    "The server that received it did not write down what it checked (there is no Authentication-Results header). "
    "Send a test mail to a mailbox at Gmail, Outlook, Yahoo or Fastmail, and paste that one."
)


@dataclass(frozen=True)
class Signature:
    """One DKIM signature. `outcome` is the receiver's; `one_click` whether it covers both List-Unsubscribe headers."""

    domain: str
    selector: str
    outcome: str = ""
    one_click: bool = False


@dataclass(frozen=True)
class Proof:
    """What the receiver `server` says. Outcomes are RFC 8601's words; empty where it says nothing."""

    sender: str  # the connection's From when the mail was read
    arrived_from: str  # the From that the mail arrived with
    server: str
    spf: str = ""
    spf_domain: str = ""
    signatures: tuple[Signature, ...] = ()
    dmarc: str = ""
    one_click: str = "missing"  # signed | unsigned | missing
    at: str = ""  # ISO 8601, when it was read
    route: str = ""  # see `reading`: of the server that carried it
    envelope: str = ""  # as in `Report`, when the mail was read

    def as_data(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Proof | None":
        """The inverse; None for anything else."""
        if "server" not in data:
            return None
        signatures = tuple(Signature(**one) for one in data.get("signatures", ()))
        return cls(**{**data, "signatures": signatures})

    @property
    def read_at(self) -> datetime | None:
        """When somebody pasted it."""
        return datetime.fromisoformat(self.at) if self.at else None

    @property
    def rewritten(self) -> bool:
        """Whether somebody on the way replaced the From address."""
        return self.arrived_from.lower() != self.sender.lower()

    @property
    def selectors(self) -> tuple[str, ...]:
        """Where keys of the From domain, or of the domain it belongs to, are published."""
        own = domain_of(self.sender)
        return tuple(
            one.selector if one.domain == own else f"{one.selector}._domainkey.{one.domain}"
            for one in self.signatures
            if organisational(one.domain) == organisational(own)
        )


def message_ids(source: str) -> tuple[str, ...]:
    """Which test mail this claims to be. Raises Invalid for what is no mail."""
    mail = _head(source)
    found = [*mail.get_all(TRIAL_HEADER, []), *mail.get_all("Message-ID", [])]
    return tuple(str(value).strip() for value in found[:4])


def read(source: str, sender: str, known: Collection[str]) -> Proof:
    """Read a received mail of which one of `message_ids` is `known`. Raises Invalid with a sentence for the field `source`."""
    mail = _head(source)
    if not set(message_ids(source)) & set(known):
        raise Invalid(NOT_OURS, field="source")
    fields = [str(value) for value in mail.get_all("Authentication-Results", [])]
    server, results = _topmost([authentication_results.parse(value) for value in fields[:20]])
    if not results:
        raise Invalid(NOBODY_CHECKED, field="source")
    signatures = tuple(_signatures(mail, results))
    spf = _first(results, "spf")
    dmarc = _first(results, "dmarc")
    return Proof(
        sender=sender,
        arrived_from=parseaddr(str(mail.get("From", "")))[1][:254],
        server=server,
        spf=spf.outcome if spf else "",
        spf_domain=_spf_domain(spf),
        signatures=signatures,
        dmarc=dmarc.outcome if dmarc else "",
        one_click=_one_click(mail, signatures),
    )


def _head(source: str) -> Message:
    text = source[:MAX_SOURCE_CHARS].lstrip("\ufeff \t\r\n").replace("\r\n", "\n")
    head = text[:MAX_HEAD_CHARS].partition("\n\n")[0]
    mail = message_from_string(head)
    if not mail.get("From") or not (mail.get("Message-ID") or mail.get(TRIAL_HEADER)):
        raise Invalid(NOT_A_SOURCE, field="source")
    return mail


def _topmost(fields: list[Results]) -> tuple[str, list[Result]]:
    """The receiver's own results: the field on top, and those below it that the same organisation wrote (iCloud writes four)."""
    if not fields:
        return "", []
    first = fields[0]
    own = [
        field
        for field in fields
        if field is first
        or (first.server and organisational(field.server) == organisational(first.server))
    ]
    return first.server, [result for field in own for result in field.results]


def _first(results: Iterable[Result], method: str) -> Result | None:
    found = [result for result in results if result.method == method]
    return next((result for result in found if result.outcome == "pass"), next(iter(found), None))


def _spf_domain(spf: Result | None) -> str:
    if spf is None:
        return ""
    names = ("smtp.mailfrom", "smtp.mail", "smtp.envelope-from", "smtp.helo")
    found = next((spf.properties[name] for name in names if name in spf.properties), "")
    return domain_of(found.strip("<>")) if "@" in found else found.strip("<>").lower()


def _signatures(mail: Message, results: list[Result]) -> Iterable[Signature]:
    said = [result for result in results if result.method == "dkim"]
    for value in mail.get_all("DKIM-Signature", [])[:MAX_SIGNATURES]:
        found = tags.parse(str(value)) or {}
        domain, selector = found.get("d", "").lower(), selector_of(found.get("s", ""))
        if not domain or selector is None:
            continue
        covered = {name.strip().lower() for name in found.get("h", "").split(":")}
        yield Signature(
            domain[:253],
            selector,
            _outcome(said, domain, selector, tags.compact(found.get("b", ""))),
            set(ONE_CLICK) <= covered,
        )


def _outcome(said: list[Result], domain: str, selector: str, signature: str) -> str:
    """The receiver's word on one signature; several of one domain are told apart by s= or the beginning of b=."""
    for result in said:
        about = result.properties
        signer = about.get("header.d") or domain_of(about.get("header.i", ""))
        if signer.lower() != domain:
            continue
        if about.get("header.s", selector).lower() != selector:
            continue
        if signature.startswith(about.get("header.b", "").split("=")[0]):
            return result.outcome
    return ""


def _one_click(mail: Message, signatures: tuple[Signature, ...]) -> str:
    if not all(mail.get(name) for name in ONE_CLICK):
        return "missing"
    covered = any(one.one_click and one.outcome == "pass" for one in signatures)
    return "signed" if covered else "unsigned"
