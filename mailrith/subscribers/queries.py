"""Reads of subscribers and tags. Every one is scoped by workspace."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all

from mailrith.core import addresses, paging
from mailrith.core.db import db
from mailrith.subscribers.models import (
    Consent,
    Subscriber,
    SubscriberStatus,
    SubscriberTag,
    Tag,
)

PAGE = 50
# Words in the middle of a name are looked for among this many people; beginnings among all of them, by index.
CONTAINS_WITHIN = 100_000
FOUND = 10_000  # people that a search by words looks at, at most, before it shows the newest
COMMON = 20_000  # a tag of more people is found faster from the people than from the tag, on SQLite
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to. Empty means everybody."""

    text: str = ""
    status: SubscriberStatus | None = None
    tag_id: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and self.status is None and self.tag_id is None


def get(workspace_id: int, public_id: UUID) -> Subscriber | None:
    """The subscriber of that public id, if it is one of this workspace."""
    return db.session.scalar(
        select(Subscriber).where(
            Subscriber.workspace_id == workspace_id, Subscriber.public_id == public_id
        )
    )


def get_by_email(workspace_id: int, email: str) -> Subscriber | None:
    """The subscriber with that address, however it is capitalised."""
    return db.session.scalar(
        select(Subscriber).where(
            Subscriber.workspace_id == workspace_id,
            Subscriber.email_key == addresses.key(email.strip()),
        )
    )


def search(
    workspace_id: int,
    wanted: Filter,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> paging.Page[Subscriber]:
    """One page of the list, newest first."""
    query = select(Subscriber).where(*matching(workspace_id, wanted, most=FOUND))
    return paging.paginate(query, Subscriber.id, size=size, after=after, before=before)


def count(workspace_id: int, wanted: Filter) -> int | None:
    """How many match; None for words that more than `FOUND` people have, who are not counted to the end."""
    if not wanted.text.strip():
        return count_where(matching(workspace_id, wanted))
    found = count_where(matching(workspace_id, wanted, most=FOUND))
    return None if found >= FOUND else found


def count_where(conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many meet conditions made by `matching` or `picked`."""
    return db.session.scalar(select(func.count(Subscriber.id)).where(*conditions)) or 0


def matching(
    workspace_id: int, wanted: Filter, *, most: int | None = None
) -> list[ColumnElement[bool]]:
    """The conditions of the list, for an action on all of it. `most` bounds a search by words, for a page of it."""
    conditions = [Subscriber.workspace_id == workspace_id]
    if wanted.status is not None:
        conditions.append(Subscriber.status == wanted.status)
    if wanted.tag_id is not None:
        conditions.append(_has_tag(wanted.tag_id))
    text = addresses.key(wanted.text.strip())
    if text:
        conditions.append(Subscriber.id.in_(_ids_with(workspace_id, text, most)))
    return conditions


def picked(workspace_id: int, public_ids: Collection[UUID]) -> list[ColumnElement[bool]]:
    """The conditions for rows that were ticked one by one."""
    return [Subscriber.workspace_id == workspace_id, Subscriber.public_id.in_(public_ids)]


def counts_by_status(workspace_id: int) -> dict[SubscriberStatus, int]:
    """How many people have each status; all statuses are there."""
    rows = db.session.execute(
        select(Subscriber.status, func.count())
        .where(Subscriber.workspace_id == workspace_id)
        .group_by(Subscriber.status)
    )
    found = {SubscriberStatus(status): people for status, people in rows}
    return {status: found.get(status, 0) for status in SubscriberStatus}


def tags(workspace_id: int) -> list[Tag]:
    """All tags, by name."""
    return list(
        db.session.scalars(
            select(Tag).where(Tag.workspace_id == workspace_id).order_by(Tag.name_key)
        )
    )


def tags_with_counts(workspace_id: int) -> list[tuple[Tag, int]]:
    """All tags by name, each with the number of people who have it, whatever their status."""
    people = (
        select(SubscriberTag.tag_id, func.count().label("people"))
        .join(Tag, Tag.id == SubscriberTag.tag_id)
        .where(Tag.workspace_id == workspace_id)
        .group_by(SubscriberTag.tag_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Tag, func.coalesce(people.c.people, 0))
        .outerjoin(people, people.c.tag_id == Tag.id)
        .where(Tag.workspace_id == workspace_id)
        .order_by(Tag.name_key)
    )
    return [(tag, number) for tag, number in rows]


def get_tag(workspace_id: int, public_id: UUID) -> Tag | None:
    """The tag of that public id, if it is one of this workspace."""
    return db.session.scalar(
        select(Tag).where(Tag.workspace_id == workspace_id, Tag.public_id == public_id)
    )


def tag_named(workspace_id: int, name: str) -> Tag | None:
    """The tag of that name, however it is capitalised."""
    return db.session.scalar(
        select(Tag).where(Tag.workspace_id == workspace_id, Tag.name_key == name.casefold())
    )


def people_with(tag: Tag) -> int:
    """How many people have the tag."""
    return db.session.scalar(select(func.count()).where(SubscriberTag.tag_id == tag.id)) or 0


def tags_of(workspace_id: int, subscriber_ids: Collection[int]) -> dict[int, list[Tag]]:
    """The tags of each of these people, by name. Everybody asked for has a key."""
    found: dict[int, list[Tag]] = defaultdict(list, {key: [] for key in subscriber_ids})
    rows = db.session.execute(
        select(SubscriberTag.subscriber_id, Tag)
        .join(Tag, Tag.id == SubscriberTag.tag_id)
        .where(Tag.workspace_id == workspace_id, SubscriberTag.subscriber_id.in_(subscriber_ids))
        .order_by(Tag.name_key)
    )
    for subscriber_id, tag in rows:
        found[subscriber_id].append(tag)
    return found


def consents_of(subscriber: Subscriber) -> list[Consent]:
    """How the person agreed, newest first."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(
                Consent.workspace_id == subscriber.workspace_id,
                Consent.subscriber_id == subscriber.id,
            )
            .order_by(Consent.id.desc())
        )
    )


def palette_search(workspace_id: int, text: str, limit: int = 5) -> Sequence[Subscriber]:
    """The few best people for what was typed into the command palette."""
    if not text.strip():
        return []
    query = select(Subscriber).where(*matching(workspace_id, Filter(text=text), most=FOUND))
    return db.session.scalars(query.order_by(Subscriber.id.desc()).limit(limit)).all()


def _has_tag(tag_id: int) -> ColumnElement[bool]:
    people = select(SubscriberTag.subscriber_id).where(SubscriberTag.tag_id == tag_id)
    some = select(func.count()).select_from(people.limit(COMMON + 1).subquery())
    if (db.session.scalar(some) or 0) <= COMMON:
        return Subscriber.id.in_(people)
    return people.where(SubscriberTag.subscriber_id == Subscriber.id).exists()


def _ids_with(workspace_id: int, text: str, most: int | None) -> Select[int]:
    """People whose address or name begins with the text, and the newest ones who have it anywhere; `most` of each."""
    here = Subscriber.workspace_id == workspace_id
    beginnings = [
        select(Subscriber.id)
        .where(here, column >= text, column < text + _LAST)
        .order_by(column)
        .limit(most)
        for column in (Subscriber.email_key, Subscriber.name_key)
    ]
    oldest = (
        select(Subscriber.id)
        .where(here)
        .order_by(Subscriber.id.desc())
        .offset(CONTAINS_WITHIN)
        .limit(1)
        .scalar_subquery()
    )
    anywhere = (
        select(Subscriber.id)
        .where(
            here,
            Subscriber.id > func.coalesce(oldest, 0),
            or_(
                Subscriber.email_key.contains(text, autoescape=True),
                Subscriber.name_key.contains(text, autoescape=True),
            ),
        )
        .order_by(Subscriber.id.desc())
        .limit(most)
    )
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    parts = [select(part.subquery().c.id) for part in (*beginnings, anywhere)]
    return select(union_all(*parts).subquery().c.id)
