"""Finding again what Redis or a dead worker lost: the database is the truth."""

import time
from datetime import timedelta

from sqlalchemy import update

from mailrith.core.db import db
from mailrith.delivery import evidence
from mailrith.events import applying, queries
from mailrith.events.models import HookRequest, HookRequestState

MAX_ATTEMPTS = 5
_AT_ONCE = 500  # requests of one run of the job
_SECONDS = 8.0  # a run ends before the next one is due


def apply_lost(older_than: timedelta) -> None:
    """Apply waiting requests, oldest first, each in its own transaction. Commits."""
    until = time.monotonic() + _SECONDS
    waiting = queries.lost_requests(older_than, _AT_ONCE)
    db.session.commit()
    for request_id in waiting:
        if time.monotonic() > until:
            return
        if _count_attempt(request_id):
            applying.apply(request_id)
            db.session.commit()


def settle_doubts() -> None:
    """Deliveries in doubt about which events have come were taken after all. The caller commits."""
    found = queries.doubts_with_evidence(_AT_ONCE)
    if found:
        evidence.settle(set(found))


def _count_attempt(request_id: int) -> bool:
    """Counted before the work, so that a request which kills its worker is given up as well. Commits."""
    attempts = db.session.execute(
        update(HookRequest)
        .where(HookRequest.id == request_id, HookRequest.state == HookRequestState.RECEIVED)
        .values(attempts=HookRequest.attempts + 1)
        .returning(HookRequest.attempts)
        .execution_options(synchronize_session=False)
    ).scalar()
    if attempts is not None and attempts > MAX_ATTEMPTS:
        db.session.execute(
            update(HookRequest)
            .where(HookRequest.id == request_id)
            .values(
                state=HookRequestState.FAILED,
                note=f"Given up after {MAX_ATTEMPTS} attempts. The log says why.",
            )
            .execution_options(synchronize_session=False)
        )
        attempts = None
    db.session.commit()
    return attempts is not None
