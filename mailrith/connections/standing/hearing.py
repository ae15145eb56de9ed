"""Whether news of a connection's mail gets back: by its webhook, which a higher package knows, and by its bounce mailbox."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailrith.connections.mailbox import queries as mailboxes
from mailrith.connections.mailbox.models import BounceMailbox
from mailrith.core.clock import now, span


class Ear(StrEnum):
    """By which way."""

    WEBHOOK = "webhook"
    MAILBOX = "mailbox"


class Heard(StrEnum):
    """How it goes, the best first."""

    WELL = "well"
    NOTHING = "nothing"  # yet: it is set up
    FAILING = "failing"


_WORDS = {
    (Ear.WEBHOOK, Heard.WELL): "Last event",
    (Ear.WEBHOOK, Heard.NOTHING): "No event yet",
    (Ear.WEBHOOK, Heard.FAILING): "Events refused since",
    (Ear.MAILBOX, Heard.WELL): "Bounces last read",
    (Ear.MAILBOX, Heard.NOTHING): "Bounces not read yet",
    (Ear.MAILBOX, Heard.FAILING): "Bounces unread since",
}


@dataclass(frozen=True)
class Hearing:
    """What is known of one way. `at` is when something came last, or since when it fails; None where nothing came yet."""

    ear: Ear
    heard: Heard
    at: datetime | None = None

    @property
    def words(self) -> str:
        """What stands before the time."""
        return _WORDS[self.ear, self.heard]

    @property
    def sentence(self) -> str:
        """The same with the time as it is now: Last event 2 minutes ago."""
        if self.at is None:
            return f"{self.words}."
        passed = span((now() - self.at).total_seconds())
        if self.heard == Heard.FAILING:
            return f"{self.words.removesuffix(' since')} for {passed}."
        return f"{self.words} {passed} ago."


Source = Callable[[Collection[int]], dict[int, Hearing]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Add `source(connection_ids)` to those that are asked. Called in `create_app`; a second time changes nothing."""
    if source not in _sources:
        _sources.append(source)


def of(connection_ids: Collection[int]) -> dict[int, Hearing]:
    """Connection id -> the worst that is known, or else the latest; nothing where no way is set up."""
    found: dict[int, Hearing] = {}
    for source in (_of_mailboxes, *_sources):
        for connection_id, hearing in source(connection_ids).items():
            known = found.get(connection_id, hearing)
            found[connection_id] = max(known, hearing, key=_weight)
    return found


def _of_mailboxes(connection_ids: Collection[int]) -> dict[int, Hearing]:
    return {one.connection_id: _of_mailbox(one) for one in mailboxes.of_all(connection_ids)}


def _of_mailbox(mailbox: BounceMailbox) -> Hearing:
    if mailbox.failing_since is not None:
        return Hearing(Ear.MAILBOX, Heard.FAILING, mailbox.failing_since)
    heard = Heard.WELL if mailbox.fetched_at else Heard.NOTHING
    return Hearing(Ear.MAILBOX, heard, mailbox.fetched_at)


def _weight(hearing: Hearing) -> tuple[bool, float]:
    return hearing.heard == Heard.FAILING, hearing.at.timestamp() if hearing.at else 0
