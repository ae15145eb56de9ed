"""On what basis somebody may be mailed, as the team says it when adding or importing people."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Proof:
    """How somebody agreed: on what basis, where they said so, and when."""

    basis: str
    source: str
    collected_at: datetime


@dataclass(frozen=True)
class Basis:
    """`key` is stored; `name` and `note` are shown where it is chosen."""

    key: str
    name: str
    note: str
    short: str


BASES = (
    Basis(
        "consent",
        "They agreed",
        "They ticked a box, signed a sheet or wrote to you, knowing it was for a newsletter.",
        "Consent",
    ),
    Basis(
        "customer",
        "They are customers, and it is about what they bought",
        "Allowed in many countries while each letter lets them leave.",
        "Customer",
    ),
    Basis(
        "membership",
        "They belong to us",
        "Members, pupils, tenants: people who expect to hear from you.",
        "Membership",
    ),
)


def short(key: str) -> str:
    """The basis in a word or two; what is unknown is shown as it was stored."""
    return next((basis.short for basis in BASES if basis.key == key), key)
