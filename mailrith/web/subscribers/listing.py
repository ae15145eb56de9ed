"""What the list of subscribers shows: its filter from the address, its rows, and its counts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request, url_for

from mailrith.accounts.models import Workspace
from mailrith.core.paging import Page
from mailrith.subscribers import queries
from mailrith.subscribers.models import Subscriber, SubscriberStatus, Tag
from mailrith.subscribers.queries import Filter
from mailrith.web.subscribers.loading import day_words, may_manage

TEXT_CHARS = 200
SLOW_SECONDS = 0.1  # a count that took longer is remembered
SHARE = 100

TONES = {
    SubscriberStatus.ACTIVE: ("circle-check", "ink"),
    SubscriberStatus.UNCONFIRMED: ("hourglass", ""),
    SubscriberStatus.UNSUBSCRIBED: ("circle-minus", ""),
    SubscriberStatus.COMPLAINED: ("shield-alert", "bad"),
    SubscriberStatus.BOUNCED: ("circle-x", "bad"),
    SubscriberStatus.BLOCKED: ("lock", ""),
}


@dataclass(frozen=True)
class Wanted:
    """The filter as people chose it."""

    text: str
    status: SubscriberStatus | None
    tag: Tag | None

    @property
    def filter(self) -> Filter:
        return Filter(self.text, self.status, self.tag.id if self.tag else None)

    def address(self, **changes: Any) -> str:
        """The list's address with this filter, or with something else instead."""
        values = {
            "q": self.text or None,
            "status": str(self.status) if self.status else None,
            "tag": self.tag.public_id if self.tag else None,
        }
        return url_for("subscribers.index", **values | changes)


def wanted(values: Mapping[str, str] | None = None) -> Wanted:
    """The filter of the request; what makes no sense is left out."""
    given = request.args if values is None else values
    status = given.get("status", "")
    return Wanted(
        given.get("q", "").strip()[:TEXT_CHARS].replace("\0", ""),
        SubscriberStatus(status) if status in set(SubscriberStatus) else None,
        _tag(given.get("tag", "")),
    )


def context() -> dict[str, Any]:
    """Everything that the list's templates want."""
    chosen = wanted()
    page = queries.search(
        g.workspace.id,
        chosen.filter,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    counts = _counts(g.workspace)
    return {
        "page": page,
        "tags_of": queries.tags_of(g.workspace.id, [person.id for person in page.items]),
        "counts": counts,
        "everybody": sum(counts.values()),
        "matching": _matching(chosen, page, counts),
        "wanted": chosen,
        "tags": queries.tags(g.workspace.id),
        "tones": TONES,
        "day_words": day_words,
        "may_manage": may_manage(),
    }


_counted: dict[
    UUID, tuple[float, dict[SubscriberStatus, int]]
] = {}  # workspace -> (good until, counts)


def _counts(workspace: Workspace) -> dict[SubscriberStatus, int]:
    """Counted anew on each request, unless that takes long: then remembered for a hundred times as long as it took."""
    begun = time.monotonic()
    until, counts = _counted.get(workspace.public_id, (0.0, {}))
    if begun < until:
        return counts
    counts = queries.counts_by_status(workspace.id)
    took = time.monotonic() - begun
    if took > SLOW_SECONDS:
        _counted[workspace.public_id] = (begun + took * SHARE, counts)
    return counts


def _matching(
    chosen: Wanted, page: Page[Subscriber], counts: dict[SubscriberStatus, int]
) -> int | None:
    """How many match in all; counted only where it is not known already."""
    if page.after is None and page.before is None:
        return len(page.items)
    if not chosen.text and chosen.tag is None:
        return counts[chosen.status] if chosen.status else sum(counts.values())
    if chosen.tag is not None and not chosen.text and chosen.status is None:
        return queries.people_with(chosen.tag)
    return queries.count(g.workspace.id, chosen.filter)


def _tag(text: str) -> Tag | None:
    try:
        return queries.get_tag(g.workspace.id, UUID(text)) if text else None
    except ValueError:
        return None
