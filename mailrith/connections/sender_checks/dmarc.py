"""DMARC of a domain: the policy that receivers find, there or at the organisational domain (RFC 7489, 6)."""

from dataclasses import dataclass

from mailrith.connections.sender_checks import tags
from mailrith.connections.sender_checks.domains import organisational
from mailrith.connections.sender_checks.lookup import Lookup, Outcome

POLICIES = frozenset({"none", "quarantine", "reject"})
RECORD_CHARS = 1000


@dataclass(frozen=True)
class Dmarc:
    """`policy` is the one that holds for the domain; `at` is where it was found; `problems` are codes."""

    outcome: Outcome = Outcome.FAILED
    at: str = ""
    records: tuple[str, ...] = ()
    policy: str = ""
    percent: int = 100
    strict_dkim: bool = False
    strict_spf: bool = False
    reports_to: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether receivers can work with it."""
        return self.outcome == Outcome.FOUND and not self.problems


def examine(lookup: Lookup, domain: str) -> Dmarc:
    """Look it up at the domain, then at its organisational domain (6.6.3)."""
    for name in dict.fromkeys((domain, organisational(domain))):
        answer = lookup.texts(f"_dmarc.{name}")
        if answer.outcome == Outcome.FAILED:
            return Dmarc()
        records = [text for text in answer.texts if _claims(text)]
        if len(records) > 1:
            shown = tuple(text[:RECORD_CHARS] for text in records[:5])
            return Dmarc(Outcome.FOUND, name, shown, problems=("several",))
        if records:
            return parse(records[0], name, domain)
    return Dmarc(Outcome.NONE)


def parse(text: str, at: str, domain: str) -> Dmarc:
    """One record found `at` a domain, as it holds for `domain`."""
    shown = (text[:RECORD_CHARS],)
    found = tags.parse(text)
    if found is None:
        return Dmarc(Outcome.FOUND, at, shown, problems=("unreadable",))
    policy = found.get("p", "").lower()
    if at != domain:
        policy = found.get("sp", policy).lower()
    reports = tuple(uri.strip()[:200] for uri in found.get("rua", "").split(",") if uri.strip())
    problems = []
    if policy not in POLICIES:
        # RFC 7489, 6.6.3: with somewhere to report to, it counts as p=none; else as nothing.
        problems = [] if any(uri.lower().startswith("mailto:") for uri in reports) else ["policy"]
        policy = "none"
    percent = found.get("pct", "100")
    return Dmarc(
        Outcome.FOUND,
        at,
        shown,
        policy,
        min(int(percent), 100) if percent.isdecimal() and len(percent) < 4 else 100,
        found.get("adkim", "r").lower() == "s",
        found.get("aspf", "r").lower() == "s",
        reports[:10],
        tuple(problems),
    )


def _claims(text: str) -> bool:
    """RFC 7489, 6.6.3: a record without v=DMARC1 in front is not one."""
    name, _, rest = text.strip().partition("=")
    return name.strip().lower() == "v" and rest.partition(";")[0].strip() == "DMARC1"
