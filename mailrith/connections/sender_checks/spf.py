"""SPF of a domain: its record, everything it includes, and whether a server is covered (RFC 7208)."""

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_network

from mailrith.connections.sender_checks.lookup import Lookup, Outcome
from mailrith.connections.sender_checks.spf_record import ASKING, Record, Term, is_spf, parse
from mailrith.core.network import IPAddress

MAX_LOOKUPS = 10  # RFC 7208, 4.6.4: a receiver that needs more gives a permanent error
MAX_VOIDS = 2  # of which may find nothing
MAX_DEPTH = 12
RECORD_CHARS = 1000  # of a record that is kept and shown


@dataclass(frozen=True)
class Spf:
    """What is published. `problems` are (code, detail); `covers` says whether the server's address may send, None if unknown."""

    outcome: Outcome = Outcome.FAILED
    records: tuple[str, ...] = ()
    lookups: int = 0
    includes: tuple[str, ...] = ()
    everybody: str = ""  # the qualifier of the `all` that decides: + ? ~ - or nothing
    problems: tuple[tuple[str, str], ...] = ()
    covers: bool | None = None

    @property
    def usable(self) -> bool:
        """Whether receivers can work with it."""
        return self.outcome == Outcome.FOUND and not self.problems


def examine(lookup: Lookup, domain: str, addresses: tuple[IPAddress, ...] = ()) -> Spf:
    """Look the record of `domain` up and follow it to its ends. `addresses` are those the server sends from."""
    answer = lookup.texts(domain)
    if answer.outcome == Outcome.FAILED:
        return Spf()
    records = tuple(text for text in answer.texts if is_spf(text))
    if not records:
        return Spf(Outcome.NONE)
    shown = tuple(text[:RECORD_CHARS] for text in records[:5])
    if len(records) > 1:
        return Spf(Outcome.FOUND, shown, problems=(("several", str(len(records))),))
    walk = _Walk(lookup)
    walk.follow(domain, parse(records[0]))
    covers = [_Verdict(lookup).of(domain, address) for address in addresses]
    return Spf(
        Outcome.FOUND,
        shown,
        walk.lookups,
        tuple(walk.includes),
        walk.everybody,
        tuple(walk.result()),
        _all_or_none(covers),
    )


def _all_or_none(verdicts: list[str | None]) -> bool | None:
    if not verdicts or None in verdicts:
        return None
    return all(verdict == "+" for verdict in verdicts)


@dataclass
class _Walk:
    """Follows every include, as the worst case of a receiver does."""

    lookup: Lookup
    lookups: int = 0
    voids: int = 0
    everybody: str = ""
    includes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def follow(self, domain: str, record: Record, depth: int = 0, *, decides: bool = True) -> None:
        """Count the questions of one record and go into those it names. An included record decides nothing at its end."""
        self.problems += [("unreadable", word) for word in record.unreadable]
        if decides and record.everybody:
            self.everybody = record.everybody.qualifier
        for term in record.terms:
            if term.name == "redirect" and not record.redirect:
                continue
            self.lookups += term.name in ASKING
            if term.name == "ptr":
                self.problems.append(("ptr", domain))
            if term.name in {"include", "redirect"} and not term.has_macro:
                self._enter(term, depth, decides=decides and term.name == "redirect")

    def result(self) -> list[tuple[str, str]]:
        """What is wrong, each once."""
        found = list(dict.fromkeys(self.problems))[:10]
        if self.lookups > MAX_LOOKUPS:
            found.append(("too_many", str(self.lookups)))
        elif self.voids > MAX_VOIDS:
            found.append(("voids", str(self.voids)))
        if self.everybody == "+":
            found.append(("everybody", ""))
        return found

    def _enter(self, term: Term, depth: int, *, decides: bool) -> None:
        target = term.value.lower()
        if target in self.includes:
            self.problems.append(("twice", target))
            return
        self.includes.append(target)
        if depth >= MAX_DEPTH:
            return
        answer = self.lookup.texts(target)
        inner = [text for text in answer.texts if is_spf(text)]
        if answer.outcome == Outcome.FAILED:
            self.problems.append(("unanswered", target))
        elif len(inner) != 1:
            self.voids += not answer.texts
            self.problems.append(("include_several" if inner else "include_missing", target))
        else:
            self.follow(target, parse(inner[0]), depth + 1, decides=decides)


class _Verdict:
    """What the record says of one address: its qualifier, or None where only a receiver can say."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._seen: set[str] = set()

    def of(self, domain: str, address: IPAddress) -> str | None:
        """RFC 7208, 4.6; "?" when nothing matches."""
        records = [text for text in self._lookup.texts(domain).texts if is_spf(text)]
        if len(records) != 1 or domain in self._seen or len(self._seen) > MAX_DEPTH:
            return None
        self._seen.add(domain)
        record = parse(records[0])
        for term in record.terms:
            match = self._matches(term, domain, address)
            if match is None:
                return None
            if match:
                return term.qualifier
        return self.of(record.redirect, address) if record.redirect else "?"

    def _matches(self, term: Term, domain: str, address: IPAddress) -> bool | None:
        if term.has_macro or term.name in {"ptr", "exists"}:
            return None
        if term.name == "include":
            inner = self.of(term.value, address)
            return None if inner is None else inner == "+"
        if term.name in {"ip4", "ip6"}:
            network = term.network
            return network is not None and network.version == address.version and address in network
        if term.name in {"a", "mx"}:
            return self._points_at(term, domain, address)
        return term.name == "all"

    def _points_at(self, term: Term, domain: str, address: IPAddress) -> bool | None:
        name = term.value or domain
        hosts = self._lookup.exchanges(name).texts[:10] if term.name == "mx" else (name,)
        for host in hosts:
            outcome, found = self._lookup.addresses(host)
            if outcome == Outcome.FAILED:
                return None
            if any(_same_network(one, address, term.prefix) for one in found):
                return True
        return False


def _same_network(one: IPAddress, other: IPAddress, prefix: str) -> bool:
    if one.version != other.version:
        return False
    four, six = re.search(r"^/(\d+)", prefix), re.search(r"//(\d+)$", prefix)
    chosen = four if isinstance(one, IPv4Address) else six
    length = min(int(chosen[1]), one.max_prefixlen) if chosen else one.max_prefixlen
    return other in ip_network(f"{one}/{length}", strict=False)
