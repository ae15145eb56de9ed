"""Finding again what Redis or a dead worker lost: the database is the truth."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from mailrith.core.db import db
from mailrith.delivery import evidence
from mailrith.events import queries
from mailrith.events.models import HookRequest, HookRequestState

MAX_ATTEMPTS = 5
AT_ONCE = 500  # rows of one round


def waiting(older_than: timedelta) -> Sequence[int]:
    """Requests whose job must have been lost, oldest first."""
    return queries.lost_requests(older_than, AT_ONCE)


def count_attempt(request_id: int) -> bool:
    """Whether the request is worth another attempt. The caller commits before it begins.

    Counted before the work, so that a request which kills its worker is given up as well.
    """
    attempts = db.session.execute(
        update(HookRequest)
        .where(HookRequest.id == request_id, HookRequest.state == HookRequestState.RECEIVED)
        .values(attempts=HookRequest.attempts + 1)
        .returning(HookRequest.attempts)
        .execution_options(synchronize_session=False)
    ).scalar()
    if attempts is None or attempts <= MAX_ATTEMPTS:
        return attempts is not None
    note = f"Given up after {MAX_ATTEMPTS} attempts. The log says why."
    db.session.execute(
        update(HookRequest)
        .where(HookRequest.id == request_id)
        .values(state=HookRequestState.FAILED, note=note)
        .execution_options(synchronize_session=False)
    )
    return False


def settle_doubts() -> int:
    """Deliveries in doubt about which events have come were taken after all. Returns how many."""
    return evidence.settle(queries.doubts_with_evidence(AT_ONCE))
