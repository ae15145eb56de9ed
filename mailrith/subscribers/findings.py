"""What a dry run found, as it is kept with the import and shown."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from mailrith.core import addresses
from mailrith.subscribers import rows, statuses
from mailrith.subscribers.planning import Merge, Plan
from mailrith.subscribers.rows import LEFT_ALONE, REFUSED, Person, Refusal
from mailrith.suppression.models import SuppressionReason as Reason

ADD, MERGE, SAME = "add", "merge", "same"
OUTCOMES = (ADD, MERGE, SAME, LEFT_ALONE, REFUSED)

SAMPLES = 10  # rows shown for each outcome
REASONS = 20  # sentences counted apart for each outcome
OTHER = "Other reasons"
MAX_NEW_TAGS = 500  # more of them, and the wrong column was chosen

_TWICE = "The same address is in an earlier row."
_LONG_NAME = "The name is too long."
_CELLS = "The row has more cells than there are columns."
_TAGS = "The tags are too many or too long."

_KINDS = {
    "The same address as row": _TWICE,
    "The name has": _LONG_NAME,
    "A tag is longer": _TAGS,
    "There are": _TAGS,
    "This row has": _CELLS,
}
_SHORT = {
    _TWICE: "twice",
    _LONG_NAME: "with long names",
    _CELLS: "with too many cells",
    _TAGS: "with odd tags",
    rows.UNREADABLE: "unreadable",
    OTHER: "for other reasons",
    addresses.EMPTY.sentence: "empty",
    statuses.why_not(Reason.UNSUBSCRIBED): "left",
    statuses.why_not(Reason.COMPLAINED): "complained",
    statuses.why_not(Reason.BOUNCED): "bounced",
    statuses.why_not(Reason.BLOCKED): "blocked",
    statuses.why_not(Reason.UNCONFIRMED): "unconfirmed",
    statuses.why_not(Reason.PROVIDER): "refused by a service",
    statuses.why_not(Reason.MANUAL): "suppressed",
}


@dataclass
class Findings:
    """Counts are rows. `samples` are {outcome, row, email, name, why}, `new_tags` names, some of them only."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    reasons: dict[str, dict[str, int]] = field(default_factory=lambda: {o: {} for o in OUTCOMES})
    samples: list[dict[str, Any]] = field(default_factory=list)
    new_tags: dict[str, str] = field(default_factory=dict)  # name key -> name

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Findings":
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def will_be_written(self) -> int:
        """New people and merged ones."""
        return self.counts[ADD] + self.counts[MERGE]

    @property
    def too_many_tags(self) -> bool:
        """Whether the chosen column of tags cannot be meant."""
        return len(self.new_tags) > MAX_NEW_TAGS

    def take(self, plan: Plan, refusals: Iterable[Refusal], known_tags: set[str]) -> None:
        """Count one more batch."""
        for person in plan.new:
            self._count(ADD, person, _new(person))
        for change in plan.merges:
            self._count(MERGE, change.person, _merged(change))
        for person in plan.unchanged:
            self._count(SAME, person, "Already here with all of this.")
        for refusal in (*plan.left_alone, *refusals):
            self._refuse(refusal)
        for names in (*(p.tags for p in plan.new), *(m.tags for m in plan.merges)):
            for name in names:
                key = name.casefold()
                if key not in known_tags and not self.too_many_tags:
                    self.new_tags.setdefault(key, name)

    def _count(self, outcome: str, person: Person, why: str) -> None:
        self.rows += 1
        self.counts[outcome] += 1
        if self.counts[outcome] <= SAMPLES:
            self._sample(outcome, person.row, person.email, person.name, why)

    def _refuse(self, refusal: Refusal) -> None:
        outcome = refusal.outcome
        self.rows += 1
        self.counts[outcome] += 1
        counted = self.reasons[outcome]
        sentence = _kind(refusal.reason)
        if sentence not in counted and len(counted) >= REASONS:
            sentence = OTHER
        counted[sentence] = counted.get(sentence, 0) + 1
        if self.counts[outcome] <= SAMPLES:
            self._sample(outcome, refusal.row, refusal.value, refusal.name, refusal.reason)

    def _sample(self, outcome: str, row: int, email: str, name: str, why: str) -> None:
        self.samples.append(
            {"outcome": outcome, "row": row, "email": email, "name": name, "why": why}
        )


def in_short(sentence: str) -> str:
    """The reason in a word or two, after a number: "12 not addresses"."""
    return _SHORT.get(sentence, "not addresses")


def _kind(reason: str) -> str:
    """One sentence for all rows of the kind: "as row 3" and "as row 5" are the same reason."""
    return next((kind for start, kind in _KINDS.items() if reason.startswith(start)), reason)


def _new(person: Person) -> str:
    return f"New. {_tag_words(person.tags)}".strip()


def _merged(change: Merge) -> str:
    name = f"Name becomes {change.name}." if change.name is not None else ""
    tags = f"Gets {', '.join(change.tags)}." if change.tags else ""
    return f"{name} {tags}".strip()


def _tag_words(tags: list[str]) -> str:
    if not tags:
        return ""
    return f"{'Tag' if len(tags) == 1 else 'Tags'} {', '.join(tags)}."
