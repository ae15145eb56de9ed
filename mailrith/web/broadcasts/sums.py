"""The audience as a sum that a person can check, and what follows from its result."""

from dataclasses import dataclass
from typing import Any

from flask import g

from mailrith.broadcasts import estimating
from mailrith.broadcasts.estimating import Estimate, Part
from mailrith.connections.routing import Way
from mailrith.core.clock import now
from mailrith.subscribers import audience as audiences
from mailrith.subscribers import queries as subscribers
from mailrith.subscribers.audience import EVERYONE, SUPPRESSED, Audience

_WHY = {
    "Unconfirmed": "never pressed the link",
    "Complained": "pressed “spam”",
    "Bounced": "address is gone",
    "Blocked": "by you",
    SUPPRESSED: "asked never to hear again",
}


@dataclass(frozen=True)
class Sum:
    """Rows for the ledger, its total, and how long the connection takes for it."""

    rows: list[dict[str, Any]]
    total: int
    chosen: bool
    counted_at: Any
    estimate: Estimate | None


def sum_of(chosen: Audience, way: Way | None) -> Sum:
    """Count the audience now, and say when it would be through by this way."""
    count = audiences.count(g.workspace.id, chosen)
    names = {tag.id: tag.name for tag in subscribers.tags(g.workspace.id)}
    rows = [_first(chosen, names, count.chosen)]
    if chosen.without_tags:
        rows.append(
            {
                "label": "Excluded",
                "tag": _named(chosen.without_tags, names),
                "count": count.excluded,
                "minus": True,
            }
        )
    rows += [
        {"label": status, "note": _WHY.get(status), "count": people, "minus": True}
        for status, people in count.left_out.items()
    ]
    estimate = _estimate(way, chosen, count.total) if way else None
    return Sum(rows, count.total, not chosen.reaches_nobody, now(), estimate)


def _estimate(way: Way, chosen: Audience, people: int) -> Estimate:
    """As if its sender carried everybody, while nothing can."""
    parts = estimating.parts_of(way, people) or [Part(way.sender, people)]
    return estimating.estimate(g.workspace.id, parts, chosen)


def _first(chosen: Audience, names: dict[int, str], people: int) -> dict[str, Any]:
    if chosen.reaches_nobody:
        return {"label": "Nobody chosen yet", "count": 0}
    if chosen.mode == EVERYONE:
        return {"label": f"Everyone in {g.workspace.name}", "count": people}
    label = "With the tag" if len(chosen.with_tags) == 1 else "With one of the tags"
    return {"label": label, "tag": _named(chosen.with_tags, names), "count": people}


def _named(tags: tuple[int, ...], names: dict[int, str]) -> str:
    return ", ".join(names.get(tag, "a deleted tag") for tag in tags)
