"""One line of the sender page: what is known, in words, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from mailrith.connections.sender_checks.advice import Publish
from mailrith.connections.sender_checks.carriers import Carrier
from mailrith.connections.sender_checks.domains import aligned
from mailrith.connections.sender_checks.proof import Proof
from mailrith.connections.sender_checks.report import Report
from mailrith.core.addresses import domain_of


class State(StrEnum):
    """How a line stands. Only PROVED says "passes"."""

    PROVED = "proved"
    FOUND = "found"  # published, and nobody has seen it work
    QUIET = "quiet"  # nothing is needed here
    UNKNOWN = "unknown"
    LOOK = "look"  # works, and could be better
    WRONG = "wrong"  # large mailbox providers ask for it


LABELS = {
    State.PROVED: "Passes",
    State.FOUND: "Record found",
    State.QUIET: "Nothing to do",
    State.UNKNOWN: "Not known yet",
    State.LOOK: "Could be better",
    State.WRONG: "Needs you",
}


@dataclass(frozen=True)
class Row:
    """`found` are (where, text) as published; `short` is the state in a few words, for lists."""

    name: str
    title: str
    state: State
    text: str
    proves: str
    label: str = ""
    short: str = ""
    found: tuple[tuple[str, str], ...] = ()
    publish: Publish | None = None
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The state for people."""
        return self.label or LABELS[self.state]

    @property
    def needs_somebody(self) -> bool:
        """Whether it is worth a warning before sending."""
        return self.state == State.WRONG


@dataclass(frozen=True, repr=False)
class Facts:
    """Everything the lines are made of. `host` is shown only to those who may see the connection."""

    report: Report
    carrier: Carrier
    proof: Proof | None = None
    host: str = ""

    @property
    def domain(self) -> str:
        """The From domain."""
        return domain_of(self.report.sender)

    @property
    def envelope(self) -> str:
        """The domain whose SPF record receivers ask, where mail keeps the envelope that it is given."""
        return self.report.envelope or self.domain

    @property
    def envelope_aligned(self) -> bool:
        """Whether SPF of that domain speaks for the From domain, by the strictness that its DMARC record asks for."""
        return aligned(self.envelope, self.domain, strict=self.report.dmarc.strict_spf)


def listed(words: tuple[str, ...]) -> str:
    """A, B and C."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
