"""Whom a message is for: the choice as it is stored, its count as a sum that adds up, and its members for the freeze."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from mailrith.core.db import db
from mailrith.subscribers.models import Subscriber, SubscriberStatus, SubscriberTag, Tag
from mailrith.suppression.models import Suppression

NONE, EVERYONE, TAGS = "none", "everyone", "tags"
SUPPRESSED = "Suppressed"

LEFT_OUT = tuple(str(status) for status in SubscriberStatus if status != SubscriberStatus.ACTIVE)


@dataclass(frozen=True)
class Audience:
    """Nobody, everyone, or the people with at least one of `with_tags`; then without those who have one of `without_tags`."""

    mode: str = NONE
    with_tags: tuple[int, ...] = ()
    without_tags: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Audience":
        """From what `to_json` gave. Anything else is nobody, never more people."""
        mode = stored.get("mode")
        if mode not in (EVERYONE, TAGS):
            return cls()
        wanted = tuple(int(tag) for tag in stored.get("with_tags", ()))
        unwanted = tuple(int(tag) for tag in stored.get("without_tags", ()))
        return cls(mode, wanted if mode == TAGS else (), unwanted)

    def to_json(self) -> dict[str, Any]:
        """For a JSON column."""
        return {
            "mode": self.mode,
            "with_tags": list(self.with_tags),
            "without_tags": list(self.without_tags),
        }

    @property
    def reaches_nobody(self) -> bool:
        """Whether nothing has been chosen yet."""
        return self.mode == NONE or (self.mode == TAGS and not self.with_tags)


@dataclass(frozen=True)
class AudienceCount:
    """chosen - excluded - sum(left_out.values()) = total, always.

    `left_out` has a key for each status but Active, and "Suppressed" for Active people on the suppression list.
    """

    chosen: int
    excluded: int
    left_out: dict[str, int]
    total: int


def count(workspace_id: int, audience: Audience) -> AudienceCount:
    """How many would get it now. One statement, so that the rows of the sum belong together."""
    if audience.reaches_nobody:
        return AudienceCount(0, 0, dict.fromkeys((*LEFT_OUT, SUPPRESSED), 0), 0)
    chosen, excluded = _chosen(workspace_id, audience), _excluded(workspace_id, audience)
    status = Subscriber.status
    parts: list[Select[Any, Any, int]] = [
        select(literal("chosen").label("part"), status, func.count()).where(chosen).group_by(status)
    ]
    if audience.without_tags:
        parts.append(
            select(literal("excluded"), status, func.count())
            .where(chosen, excluded)
            .group_by(status)
        )
    # From the suppression list, which is short, to its people; not the other way round.
    kept_out = exists().where(
        Subscriber.fingerprint == Suppression.fingerprint,
        _chosen(workspace_id, audience, _each),
        ~_excluded(workspace_id, audience, _each),
        # As it is stored, the column would tempt SQLite to its index by status: a million rows for each address.
        cast(status, String) == str(SubscriberStatus.ACTIVE),
    )
    parts.append(
        select(literal("suppressed"), literal(str(SubscriberStatus.ACTIVE)), func.count())
        .select_from(Suppression)
        .where(Suppression.workspace_id == workspace_id, kept_out)
    )
    found: dict[tuple[str, str], int] = {
        (part, state): people for part, state, people in db.session.execute(union_all(*parts))
    }
    return _sum(found)


def members(workspace_id: int, audience: Audience) -> Select[int, str, bytes]:
    """(subscriber id, email, fingerprint) of everybody who gets it: Active and not suppressed."""
    return select(Subscriber.id, Subscriber.email, Subscriber.fingerprint).where(
        _chosen(workspace_id, audience),
        ~_excluded(workspace_id, audience),
        Subscriber.status == SubscriberStatus.ACTIVE,
        ~exists().where(
            Suppression.workspace_id == workspace_id,
            Suppression.fingerprint == Subscriber.fingerprint,
        ),
    )


def missing_tags(workspace_id: int, audience: Audience) -> tuple[int, ...]:
    """Chosen or excluded tags that are not there any more. A missing one among those excluded stops everybody:
    it cannot be known any more whom it kept out.
    """
    asked = {*audience.with_tags, *audience.without_tags}
    if not asked:
        return ()
    there = db.session.scalars(
        select(Tag.id).where(Tag.workspace_id == workspace_id, Tag.id.in_(asked))
    )
    return tuple(sorted(asked.difference(there)))


# Tags -> whether the person of the row has one of them
HasOneOf = Callable[[tuple[int, ...]], ColumnElement[bool]]


def _among(tags: tuple[int, ...]) -> ColumnElement[bool]:
    """From the tag to its people: quick when the people are looked for."""
    return Subscriber.id.in_(
        select(SubscriberTag.subscriber_id).where(SubscriberTag.tag_id.in_(tags))
    )


def _each(tags: tuple[int, ...]) -> ColumnElement[bool]:
    """From the person to the tag: quick when the person is known already."""
    return exists().where(
        SubscriberTag.tag_id.in_(tags), SubscriberTag.subscriber_id == Subscriber.id
    )


def _chosen(
    workspace_id: int, audience: Audience, has_one_of: HasOneOf = _among
) -> ColumnElement[bool]:
    here = Subscriber.workspace_id == workspace_id
    if audience.reaches_nobody:
        return and_(here, false())
    if audience.mode == EVERYONE:
        return here
    return and_(here, has_one_of(audience.with_tags))


def _excluded(
    workspace_id: int, audience: Audience, has_one_of: HasOneOf = _among
) -> ColumnElement[bool]:
    if not audience.without_tags:
        return false()
    wanted = set(audience.without_tags)
    there = (
        select(func.count())
        .select_from(Tag)
        .where(Tag.workspace_id == workspace_id, Tag.id.in_(wanted))
        .scalar_subquery()
    )
    return or_(has_one_of(audience.without_tags), and_(there < len(wanted), true()))


def _sum(found: dict[tuple[str, str], int]) -> AudienceCount:
    def people(part: str, status: str) -> int:
        return found.get((part, status), 0)

    active = str(SubscriberStatus.ACTIVE)
    left_out = {
        status: people("chosen", status) - people("excluded", status) for status in LEFT_OUT
    }
    left_out[SUPPRESSED] = people("suppressed", active)
    return AudienceCount(
        chosen=sum(n for (part, _), n in found.items() if part == "chosen"),
        excluded=sum(n for (part, _), n in found.items() if part == "excluded"),
        left_out=left_out,
        total=people("chosen", active) - people("excluded", active) - left_out[SUPPRESSED],
    )
