"""Questions to name servers, within a budget. What the world does is an answer, never an exception.

A record is public, and so are the names asked for: the From domain, and whatever its records name.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

import dns.exception
import dns.nameserver
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from mailrith.core.config import Settings
from mailrith.core.network import IPAddress

BUDGET_SECONDS = 20.0  # for all questions of one check
QUESTION_SECONDS = 4.0  # for one, with its second try
TRY_SECONDS = 2.0
MAX_QUESTIONS = 80  # a record that includes a hundred others is not followed to its end
MAX_TEXTS = 50
MAX_TEXT_CHARS = (
    8192  # of one record; longer ones are cut, and then they are broken for receivers too
)
UDP_BYTES = 1232  # DNS flag day 2020: never fragmented; more comes over TCP


class Outcome(StrEnum):
    """What became of a question."""

    FOUND = "found"
    NONE = "none"  # the name servers know that there is nothing
    FAILED = "failed"  # nobody knows: no answer, a broken one, or the budget is spent


@dataclass(frozen=True)
class Answer:
    """`texts` are TXT records joined as RFC 7208, 3.3 says, host names, or addresses; `alias` is where a CNAME led."""

    outcome: Outcome
    texts: tuple[str, ...] = ()
    alias: str = ""


FAILED = Answer(Outcome.FAILED)
NOTHING = Answer(Outcome.NONE)


class Lookup:
    """The questions of one check. Each is asked once."""

    def __init__(
        self,
        servers: tuple[tuple[str, int], ...] = (),
        *,
        budget: float = BUDGET_SECONDS,
        questions: int = MAX_QUESTIONS,
    ) -> None:
        self._resolver = _resolver(servers)
        self._until = time.monotonic() + budget
        self._left = questions
        self._known: dict[tuple[str, str], Answer] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Lookup":
        """With this installation's name servers."""
        return cls(settings.dns_servers)

    def texts(self, name: str) -> Answer:
        """TXT records."""
        return self._ask(name, "TXT", _text)

    def exchanges(self, name: str) -> Answer:
        """MX host names."""
        return self._ask(name, "MX", _exchange)

    def alias(self, name: str) -> Answer:
        """Where a CNAME at this name leads."""
        return self._ask(name, "CNAME", str)

    def addresses(self, name: str) -> tuple[Outcome, tuple[IPAddress, ...]]:
        """IPv4 and IPv6 addresses."""
        answers = [self._ask(name, kind, str) for kind in ("A", "AAAA")]
        found = tuple(ip_address(text) for answer in answers for text in answer.texts)
        if found:
            return Outcome.FOUND, found
        failed = any(answer.outcome == Outcome.FAILED for answer in answers)
        return (Outcome.FAILED if failed else Outcome.NONE), ()

    def _ask(self, name: str, kind: str, read: Callable[..., str]) -> Answer:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            self._known[key] = self._resolve(*key, read)
        return self._known[key]

    def _resolve(self, name: str, kind: str, read: Callable[..., str]) -> Answer:
        seconds = min(QUESTION_SECONDS, self._until - time.monotonic())
        if self._resolver is None or self._left <= 0 or seconds <= 0:
            return FAILED
        self._left -= 1
        try:
            answer = self._resolver.resolve(
                name, kind, search=False, lifetime=seconds, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return NOTHING
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError):
            return FAILED
        end = str(answer.canonical_name).rstrip(".").lower()
        alias = end if end != name else ""
        if answer.rrset is None:
            return Answer(Outcome.NONE, alias=alias)
        texts = tuple(read(record).rstrip(".") for record in list(answer.rrset)[:MAX_TEXTS])
        return Answer(Outcome.FOUND, texts, alias)


def _resolver(servers: tuple[tuple[str, int], ...]) -> dns.resolver.Resolver | None:
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except (dns.exception.DNSException, OSError):  # the machine names none
        return None
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
    resolver.timeout = TRY_SECONDS
    resolver.use_edns(0, 0, UDP_BYTES)
    return resolver


def _text(record: TXT) -> str:
    return b"".join(record.strings).decode("utf-8", "replace")[:MAX_TEXT_CHARS]


def _exchange(record: MX) -> str:
    return str(record.exchange)
