"""Actions on many subscribers at once: those ticked, or all that match the list's filter. A few statements, however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, case, exists, literal, select
from sqlalchemy import delete as sql_delete
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers.models import (
    Subscriber,
    SubscriberStatus,
    SubscriberTag,
    Tag,
    TimelineEntry,
)
from mailrith.subscribers.statuses import REASONS
from mailrith.suppression import actions as suppression

Conditions = Sequence[ColumnElement[bool]]


def tag(workspace_id: int, conditions: Conditions, chosen: Tag) -> int:
    """Put the tag on those who do not have it. Returns how many got it."""
    new = [*conditions, ~_has(chosen)]
    _note(workspace_id, new, "tagged", chosen)
    statement = _insert(SubscriberTag).from_select(
        ["tag_id", "subscriber_id"], select(literal(chosen.id), Subscriber.id).where(*new)
    )
    return _count(statement.on_conflict_do_nothing())


def untag(workspace_id: int, conditions: Conditions, chosen: Tag) -> int:
    """Take the tag from those who have it. Returns how many lost it."""
    having = [*conditions, _has(chosen)]
    _note(workspace_id, having, "untagged", chosen)
    ids = select(Subscriber.id).where(*having)
    return _count(
        sql_delete(SubscriberTag).where(
            SubscriberTag.tag_id == chosen.id, SubscriberTag.subscriber_id.in_(ids)
        )
    )


def delete(workspace_id: int, conditions: Conditions) -> int:
    """Remove these people with everything that hangs on them. Returns how many.

    Those who are not Active leave a hash on the suppression list, so adding them again does not make them Active.
    """
    reason = case(
        {str(status): str(why) for status, why in REASONS.items()}, value=Subscriber.status
    )
    # Without a WHERE, SQLite reads the ON of ON CONFLICT as part of a join.
    inactive = select(literal(workspace_id), Subscriber.fingerprint, reason).where(
        *conditions, Subscriber.status != SubscriberStatus.ACTIVE
    )
    suppression.suppress_selected(inactive, "Deleted while not Active")
    suppression.forget_addresses(
        select(Subscriber.workspace_id, Subscriber.fingerprint).where(*conditions)
    )
    return _count(sql_delete(Subscriber).where(*conditions))


def _has(chosen: Tag) -> ColumnElement[bool]:
    return exists().where(
        and_(SubscriberTag.tag_id == chosen.id, SubscriberTag.subscriber_id == Subscriber.id)
    )


def _note(workspace_id: int, conditions: Conditions, kind: str, chosen: Tag) -> None:
    columns = TimelineEntry.__table__.c
    rows = select(
        literal(workspace_id),
        Subscriber.id,
        literal(kind),
        literal({"tag": chosen.name}, columns.details.type),
        literal(now(), columns.at.type),
    ).where(*conditions)
    names = ["workspace_id", "subscriber_id", "kind", "details", "at"]
    _count(_insert(TimelineEntry).from_select(names, rows))


def _insert(model: Any) -> Any:
    postgres = db.session.get_bind().dialect.name == "postgresql"
    table = model.__table__
    return postgresql.insert(table) if postgres else sqlite.insert(table)


def _count(statement: Any) -> int:
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False, preserve_rowcount=True)
    )
    return done.rowcount
