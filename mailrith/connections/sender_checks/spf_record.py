"""One SPF record, read as RFC 7208 writes it. No name server is asked."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
ASKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})  # RFC 7208, 4.6.4
NEEDS_DOMAIN = frozenset({"include", "exists", "redirect", "exp"})

_DIRECTIVE = re.compile(
    r"([+?~-]?)([A-Za-z][A-Za-z0-9]*)(?::([^/\s]+))?((?:/\d{1,3})?(?://\d{1,3})?)"
)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(\S*)")
_NETWORK = re.compile(r"([+?~-]?)(ip4|ip6):(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """One word of a record. `name` is lower case; `value` is its domain or network; `prefix` is the /24//64 after it."""

    name: str
    qualifier: str = "+"
    value: str = ""
    prefix: str = ""

    @property
    def has_macro(self) -> bool:
        """Whether only a receiver, who knows the mail, can say what it stands for (RFC 7208, 7)."""
        return "%" in self.value

    @property
    def network(self) -> Network | None:
        """Of ip4 and ip6."""
        try:
            return ip_network(self.value, strict=False)
        except ValueError:
            return None


@dataclass(frozen=True)
class Record:
    """The terms in order, and the words that cannot be read."""

    terms: tuple[Term, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def everybody(self) -> Term | None:
        """Its `all`."""
        return next((term for term in self.terms if term.name == "all"), None)

    @property
    def redirect(self) -> str:
        """Where the rest is said; an `all` takes its meaning away (RFC 7208, 6.1)."""
        found = next((term.value for term in self.terms if term.name == "redirect"), "")
        return "" if self.everybody else found


def is_spf(text: str) -> bool:
    """Whether a TXT record claims to be one (RFC 7208, 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def parse(text: str) -> Record:
    """The record after `v=spf1`."""
    terms: list[Term] = []
    unreadable: list[str] = []
    for word in text.split(" ")[1:]:
        if not word:
            continue
        term = _term(word) if word.isascii() else None
        if term is None:
            unreadable.append(word[:80])
        else:
            terms.append(term)
    return Record(tuple(terms), tuple(unreadable[:10]))


def _term(word: str) -> Term | None:
    modifier = _MODIFIER.fullmatch(word)
    if modifier:
        name, value = modifier[1].lower(), modifier[2]
        return Term(name, value=value.rstrip(".")) if value or name not in NEEDS_DOMAIN else None
    network = _NETWORK.fullmatch(word)
    if network:
        found = Term(network[2].lower(), network[1] or "+", network[3])
        wanted = IPv4Network if found.name == "ip4" else IPv6Network
        return found if isinstance(found.network, wanted) else None
    directive = _DIRECTIVE.fullmatch(word)
    if not directive or directive[2].lower() not in MECHANISMS - {"ip4", "ip6"}:
        return None
    name, value = directive[2].lower(), (directive[3] or "").rstrip(".")
    if (name in NEEDS_DOMAIN and not value) or (name == "all" and (value or directive[4])):
        return None
    return Term(name, directive[1] or "+", value, directive[4])
