"""From a broadcast to its run: the one place where sending begins, by a person's press or by the clock."""

from datetime import datetime

from sqlalchemy import update

from mailrith.accounts.models import Workspace
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.readiness import NotReady, checklist, stopping
from mailrith.connections import routing
from mailrith.connections.models import Connection
from mailrith.connections.routing import Way
from mailrith.core.db import db
from mailrith.delivery import actions as delivery
from mailrith.delivery.models import Run
from mailrith.delivery.sending import letters
from mailrith.subscribers import audience as audiences
from mailrith.subscribers.audience import Audience, AudienceCount

SOURCE = "broadcast"


def count_of(broadcast: Broadcast) -> AudienceCount:
    """How many would get it now."""
    return audiences.count(broadcast.workspace_id, Audience.from_json(broadcast.audience))


def way_of(broadcast: Broadcast) -> Way | None:
    """How it would leave now; None without a connection."""
    return routing.way_of(broadcast.workspace_id, broadcast.connection_id)


def connection_of(broadcast: Broadcast) -> Connection | None:
    """The connection that it names, or the workspace's default, as long as the workspace may use it."""
    way = way_of(broadcast)
    return way.sender if way else None


def ready(workspace: Workspace, broadcast: Broadcast, count: AudienceCount) -> Way:
    """How it leaves. Raises NotReady with every check that forbids it."""
    way = way_of(broadcast)
    found = stopping(checklist(workspace, broadcast, way, count))
    if found or way is None:
        raise NotReady(found)
    return way


def claim(broadcast: Broadcast, *statuses: BroadcastStatus, to: BroadcastStatus) -> bool:
    """Move it out of one of `statuses`. Of two who try at the same time only one succeeds."""
    moved = db.session.execute(
        update(Broadcast)
        .where(Broadcast.id == broadcast.id, Broadcast.status.in_(statuses))
        .values(status=to)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(broadcast)
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def launch(
    workspace: Workspace,
    broadcast: Broadcast,
    way: Way,
    *,
    confirmed_count: int,
    not_before: datetime,
) -> Run:
    """Freeze the letter and hand it to delivery. The broadcast has been claimed."""
    letter = letters.freeze(
        workspace=workspace,
        connection=way.sender,
        subject=broadcast.subject,
        preview_text=broadcast.preview_text,
        body_document=broadcast.body_document,
        reply_to=broadcast.reply_to_email,
    )
    run = delivery.create_run(
        workspace_id=workspace.id,
        connection_id=way.carriers[0].connection.id,
        weights={one.connection.id: one.weight for one in way.carriers},
        letter=letter,
        audience=Audience.from_json(broadcast.audience),
        source=SOURCE,
        source_public_id=broadcast.public_id,
        confirmed_count=confirmed_count,
        not_before=not_before,
    )
    db.session.flush()
    broadcast.run_id = run.id
    broadcast.late = False
    broadcast.late_words = ""
    return run
