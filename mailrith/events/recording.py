"""Keeping a verified request as it came, before anything is made of it."""

import hashlib
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.models import HookRequest, HookRequestState, HookRequestWorkspace

# More than this waiting means that the workers are away or overrun: the provider is asked to come back later.
MAX_WAITING = 20_000  # requests


def record(connection_id: int, content_type: str, body: bytes, *, source: str = "") -> HookRequest:
    """Store one request in one INSERT, and have it applied once that is committed. The caller commits.

    source: who reads it (`sources`); empty is whoever posts to the connection.
    """
    request = HookRequest(
        connection_id=connection_id,
        source=source,
        content_type=content_type[:120],
        body=body,
        body_digest=hashlib.sha256(body).digest(),
        received_at=now(),
    )
    db.session.add(request)
    db.session.flush()
    queue.enqueue("mailrith.events.jobs.apply", request.id, queue=queue.EVENTS)
    return request


def overloaded() -> bool:
    """Whether MAX_WAITING requests wait already. Costs next to nothing while few do."""
    return (
        db.session.scalar(
            select(HookRequest.id)
            .where(HookRequest.state == HookRequestState.RECEIVED)
            .order_by(HookRequest.id)
            .offset(MAX_WAITING)
            .limit(1)
        )
        is not None
    )


def note_workspaces(request_id: int, workspace_ids: Collection[int]) -> None:
    """Keep of whose mails a request spoke. Twice is once."""
    if not workspace_ids:
        return
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = [{"workspace_id": it, "request_id": request_id} for it in sorted(workspace_ids)]
    db.session.execute(insert(HookRequestWorkspace).values(values).on_conflict_do_nothing())
