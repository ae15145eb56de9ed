"""Everything that happened to one subscriber, newest first. Packages above add what they know through `register`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.subscribers.models import Subscriber, TimelineEntry

SHOWN = 100  # entries on one page


@dataclass(frozen=True)
class Happening:
    """One line of the timeline. `icon` is a name of the sprite; `url` leads to what it speaks of."""

    at: datetime
    icon: str
    words: str
    url: str | None = None


# (subscriber, how many at most) -> what that package knows, newest first
Source = Callable[[Subscriber, int], Iterable[Happening]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source. Twice is once, because tests make more than one app."""
    if source not in _sources:
        _sources.append(source)


def record(workspace_id: int, subscriber_id: int, kind: str, **details: Any) -> None:
    """Note what happened. `kind` is past tense and one of `_WORDS`."""
    db.session.add(
        TimelineEntry(
            workspace_id=workspace_id, subscriber_id=subscriber_id, kind=kind, details=details
        )
    )


def of(subscriber: Subscriber, *, limit: int = SHOWN) -> list[Happening]:
    """The newest happenings from every source, newest first."""
    found = [_own(entry) for entry in _entries(subscriber, limit)]
    for source in _sources:
        found.extend(source(subscriber, limit))
    return sorted(found, key=lambda happening: happening.at, reverse=True)[:limit]


def _entries(subscriber: Subscriber, limit: int) -> Iterable[TimelineEntry]:
    return db.session.scalars(
        select(TimelineEntry)
        .where(
            TimelineEntry.workspace_id == subscriber.workspace_id,
            TimelineEntry.subscriber_id == subscriber.id,
        )
        .order_by(TimelineEntry.id.desc())
        .limit(limit)
    )


# kind -> icon, sentence; details fill the braces
_WORDS = {
    "added": ("user-round-plus", "Added by {by}"),
    "imported": ("upload", "Imported from {file}"),
    "merged": ("pencil", "Completed from {file}"),
    "edited": ("pencil", "{what} changed by {by}"),
    "moved": ("at-sign", "Address changed by {by}"),
    "tagged": ("tag", "Got the tag {tag}"),
    "untagged": ("tag", "Lost the tag {tag}"),
    "unsubscribed": ("mail-x", "Unsubscribed: {reason}"),
    "complained": ("shield-alert", "Complained: {reason}"),
    "bounced": ("circle-x", "Bounced: {reason}"),
    "blocked": ("lock", "Blocked: {reason}"),
    "activated": ("circle-check", "Became Active: {reason}"),
    "unconfirmed": ("hourglass", "Waits for a confirmation: {reason}"),
}


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "somebody" if key == "by" else "?"


def _own(entry: TimelineEntry) -> Happening:
    icon, words = _WORDS.get(entry.kind, ("info", entry.kind.capitalize()))
    return Happening(entry.at, icon, words.format_map(_Missing(entry.details)))
