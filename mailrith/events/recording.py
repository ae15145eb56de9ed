"""Keeping a verified request as it came, before anything is made of it."""

import hashlib

from sqlalchemy import select

from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.models import HookRequest, HookRequestState

# More than this waiting means that the workers are away or overrun: the provider is asked to come back later.
MAX_WAITING = 20_000  # requests


def record(connection_id: int, content_type: str, body: bytes) -> HookRequest:
    """Store one request in one INSERT, and have it applied once that is committed. The caller commits."""
    request = HookRequest(
        connection_id=connection_id,
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
