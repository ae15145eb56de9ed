"""What broadcasts need: a connection or a tag that one of them is waiting for cannot just go."""

from collections.abc import Iterable

from sqlalchemy import exists, or_, select

from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.connections.models import ConnectionWorkspace
from mailrith.connections.routing import default_of
from mailrith.connections.uses import Use
from mailrith.core.db import db
from mailrith.delivery.models import RunRoute
from mailrith.subscribers.audience import Audience

SCHEDULED, RUNNING = BroadcastStatus.SCHEDULED, BroadcastStatus.RUNNING


def uses_of_connection(connection_id: int) -> list[Use]:
    """What would be stranded without the connection: broadcasts that are on their way through it, or are scheduled for it.

    A scheduled one that names none leaves through the workspace's default.
    """
    carries = exists().where(
        RunRoute.run_id == Broadcast.run_id,
        RunRoute.connection_id == connection_id,
        RunRoute.left_at.is_(None),
    )
    here = select(ConnectionWorkspace.workspace_id).where(
        ConnectionWorkspace.connection_id == connection_id
    )
    unnamed = Broadcast.connection_id.is_(None) & Broadcast.workspace_id.in_(here)
    named = or_(Broadcast.connection_id == connection_id, unnamed)
    found = db.session.scalars(
        select(Broadcast)
        .where(
            or_(
                (Broadcast.status == RUNNING) & carries,
                (Broadcast.status == SCHEDULED) & named,
            )
        )
        .order_by(Broadcast.scheduled_at, Broadcast.id)
    ).all()
    defaults = _defaults({one.workspace_id for one in found if one.connection_id is None})
    return [
        Use(one.title, str(one.status).capitalize(), workspace_id=one.workspace_id)
        for one in found
        if one.status == RUNNING
        or (one.connection_id or defaults[one.workspace_id]) == connection_id
    ]


def uses_of_tag(workspace_id: int, tag_id: int) -> list[str]:
    """What names the tag and has not been frozen yet: drafts and schedules."""
    rows = db.session.scalars(
        select(Broadcast)
        .where(
            Broadcast.workspace_id == workspace_id,
            Broadcast.status.in_((BroadcastStatus.DRAFT, SCHEDULED)),
        )
        .order_by(Broadcast.id.desc())
    )
    return [
        f"the {found.status} “{found.title}”"
        for found in rows
        if tag_id in (chosen := Audience.from_json(found.audience)).with_tags
        or tag_id in chosen.without_tags
    ]


def _defaults(workspace_ids: Iterable[int]) -> dict[int, int | None]:
    found = {workspace_id: default_of(workspace_id) for workspace_id in workspace_ids}
    return {workspace_id: one.id if one else None for workspace_id, one in found.items()}
