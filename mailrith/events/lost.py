"""Finding again what Redis or a dead worker lost: the database is the truth."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from mailrith.core.db import db
from mailrith.delivery.runs import evidence
from mailrith.events import queries
from mailrith.events.models import HookRequest, HookRequestState

MAX_ATTEMPTS = 5
AT_ONCE = 500  # rows of one round
TRIED = timedelta(seconds=10)  # whoever tries one takes milliseconds
UNTRIED = timedelta(
    minutes=1
)  # they are taken in bulk within seconds, unless the workers are away or overrun
MOST_UNTRIED = 50  # in a round: one by one is slow, and finds the one that the workers die of


def anything_waits() -> bool:
    """Whether a request waits that nobody has tried."""
    query = queries.received(tried=False).limit(1)
    return db.session.scalar(query) is not None


def oldest_came_at() -> datetime | None:
    """When the oldest request came that nobody has tried; None when none waits."""
    query = queries.received(tried=False).with_only_columns(HookRequest.received_at).limit(1)
    return db.session.scalar(query)


def waiting() -> Sequence[int]:
    """Requests to be tried one by one: those that failed, and the oldest of those that nobody came to try. Oldest first."""
    failed = queries.received(tried=True, older_than=TRIED).limit(AT_ONCE)
    forgotten = queries.received(tried=False, older_than=UNTRIED).limit(MOST_UNTRIED)
    return sorted({*db.session.scalars(failed), *db.session.scalars(forgotten)})


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
