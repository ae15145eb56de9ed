"""A planned batch as rows of the database, in a handful of statements. The caller commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, select, update

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.ids import uuid7
from mailrith.subscribers import loading
from mailrith.subscribers.models import (
    Consent,
    ImportRefusal,
    Subscriber,
    SubscriberStatus,
    SubscriberTag,
    Tag,
    TimelineEntry,
)
from mailrith.subscribers.planning import Merge
from mailrith.subscribers.rows import Person, Refusal


@dataclass(frozen=True)
class Origin:
    """What all people of one import have in common."""

    workspace_id: int
    import_id: int
    file_name: str
    user_id: int | None
    basis: str
    source: str
    collected_at: datetime


@dataclass
class TagBook:
    """Tag names to numbers, each looked up or made once."""

    workspace_id: int
    _ids: dict[str, int] = field(default_factory=dict)

    def load(self) -> None:
        """Read the workspace's tags."""
        rows = db.session.execute(
            select(Tag.name_key, Tag.id).where(Tag.workspace_id == self.workspace_id)
        )
        self._ids = {key: number for key, number in rows}  # noqa: C416 - dict() of Row does not type

    def prepare(self, names: Iterable[str]) -> None:
        """Make those that are not there."""
        new = {name.casefold(): name for name in names if name.casefold() not in self._ids}
        if not new:
            return
        loading.insert(
            Tag,
            [
                {
                    "workspace_id": self.workspace_id,
                    "public_id": uuid7(),
                    "name": name,
                    "name_key": key,
                    "description": "",
                    "created_at": now(),
                }
                for key, name in new.items()
            ],
        )
        self.load()

    def of(self, names: Iterable[str]) -> list[int]:
        """Their numbers."""
        return [self._ids[name.casefold()] for name in names]


def insert(origin: Origin, people: Sequence[Person], tags: TagBook) -> set[str]:
    """New Active subscribers with proof, timeline and tags. Returns the keys of those who were added.

    Whoever was added by somebody else since the plan was made is not among them.
    """
    tags.prepare(name for person in people for name in person.tags)
    ids = _insert_subscribers(origin, people)
    at = now()
    _agree(origin, list(ids.values()), at)
    _note(origin, "imported", list(ids.values()), at)
    _tag(
        (number, tag)
        for person in people
        if (number := ids.get(person.key)) is not None
        for tag in tags.of(person.tags)
    )
    return set(ids)


def merge(origin: Origin, merges: Sequence[Merge], tags: TagBook) -> None:
    """Fill in names and tags of people who are here already."""
    tags.prepare(name for change in merges for name in change.tags)
    named = [change for change in merges if change.name is not None]
    if named:
        table = Subscriber.__table__
        db.session.execute(
            update(table)  # type: ignore[arg-type]
            .where(table.c.id == bindparam("of"))
            .values(name=bindparam("to"), name_key=bindparam("key"), updated_at=bindparam("at")),
            [
                {"of": c.subscriber_id, "to": c.name, "key": (c.name or "").casefold(), "at": now()}
                for c in named
            ],
        )
    _note(origin, "merged", [change.subscriber_id for change in merges], now())
    _tag((change.subscriber_id, tag) for change in merges for tag in tags.of(change.tags))


def refuse(origin: Origin, refusals: Sequence[Refusal]) -> None:
    """Keep the rows that were not taken, with the reason."""
    loading.insert(
        ImportRefusal,
        [
            {
                "import_id": origin.import_id,
                "row_number": refusal.row,
                "outcome": refusal.outcome,
                "value": refusal.value,
                "name": refusal.name,
                "reason": refusal.reason[:300],
            }
            for refusal in refusals
        ],
    )


def _insert_subscribers(origin: Origin, people: Sequence[Person]) -> dict[str, int]:
    at = now()
    rows = [
        {
            "workspace_id": origin.workspace_id,
            "public_id": uuid7(),
            "email": person.email,
            "email_key": person.key,
            "fingerprint": person.fingerprint,
            "name": person.name,
            "name_key": person.name.casefold(),
            "status": SubscriberStatus.ACTIVE,
            "status_changed_at": at,
            "status_reason": "Imported",
            "subscribed_at": at,
            "created_at": at,
            "updated_at": at,
        }
        for person in people
    ]
    table = Subscriber.__table__.c
    return dict(loading.insert_returning(Subscriber, rows, table.email_key, table.id))


def _agree(origin: Origin, subscriber_ids: list[int], at: datetime) -> None:
    columns = Consent.__table__.c
    _for_each(
        Consent,
        subscriber_ids,
        {
            "workspace_id": literal(origin.workspace_id),
            "basis": literal(origin.basis),
            "source": literal(origin.source),
            "collected_at": literal(origin.collected_at, columns.collected_at.type),
            "recorded_by": literal(origin.user_id, columns.recorded_by.type),
            "recorded_at": literal(at, columns.recorded_at.type),
        },
    )


def _note(origin: Origin, kind: str, subscriber_ids: list[int], at: datetime) -> None:
    columns = TimelineEntry.__table__.c
    _for_each(
        TimelineEntry,
        subscriber_ids,
        {
            "workspace_id": literal(origin.workspace_id),
            "kind": literal(kind),
            "details": literal({"file": origin.file_name}, columns.details.type),
            "at": literal(at, columns.at.type),
        },
    )


def _for_each(model: Any, subscriber_ids: list[int], values: dict[str, Any]) -> None:
    """One row of `model` for each, alike but for the subscriber: a tenth of the time of sending the rows one by one."""
    if subscriber_ids:
        chosen = select(Subscriber.id, *values.values()).where(Subscriber.id.in_(subscriber_ids))
        loading.insert_from(model, ["subscriber_id", *values], chosen)


def _tag(pairs: Iterable[tuple[int, int]]) -> None:
    loading.insert(
        SubscriberTag,
        [{"subscriber_id": number, "tag_id": tag} for number, tag in pairs],
    )
