"""From a broadcast to its run: the one place where sending begins, by a person's press or by the clock."""

from datetime import datetime

from sqlalchemy import update

from mailrith.accounts.models import Workspace
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.readiness import NotReady, checklist, stopping
from mailrith.connections import queries as connections
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery import actions as delivery
from mailrith.delivery import letters
from mailrith.delivery.models import Run
from mailrith.subscribers import audience as audiences
from mailrith.subscribers.audience import Audience, AudienceCount

SOURCE = "broadcast"


def count_of(broadcast: Broadcast) -> AudienceCount:
    """How many would get it now."""
    return audiences.count(broadcast.workspace_id, Audience.from_json(broadcast.audience))


def connection_of(broadcast: Broadcast) -> Connection | None:
    """Its connection, as long as the workspace may use it."""
    if broadcast.connection_id is None:
        return None
    return connections.get_by_id(broadcast.workspace_id, broadcast.connection_id)


def ready(workspace: Workspace, broadcast: Broadcast, count: AudienceCount) -> Connection:
    """The connection to send through. Raises NotReady with every check that forbids it."""
    connection = connection_of(broadcast)
    found = stopping(checklist(workspace, broadcast, connection, count))
    if found or connection is None:
        raise NotReady(found)
    return connection


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
    connection: Connection,
    *,
    confirmed_count: int,
    not_before: datetime,
) -> Run:
    """Freeze the letter and hand it to delivery. The broadcast has been claimed."""
    letter = letters.freeze(
        workspace=workspace,
        connection=connection,
        subject=broadcast.subject,
        preview_text=broadcast.preview_text,
        body_document=broadcast.body_document,
        reply_to=broadcast.reply_to_email,
    )
    run = delivery.create_run(
        workspace_id=workspace.id,
        connection_id=connection.id,
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
