"""The import itself: batch after batch, each one transaction that also moves the counters.

A batch is in the database with its counters or not at all, so a killed worker loses nothing and another one goes on where it
stopped. Two workers on one import do not disturb each other: only the one whose `rows_done` is still true may commit.
"""

import time
from collections import Counter
from datetime import timedelta
from itertools import islice

from sqlalchemy import or_, select, update

from mailrith.core import storage
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers import loading, orders, planning, writing
from mailrith.subscribers.checking import FILE_GONE
from mailrith.subscribers.models import Import, ImportState
from mailrith.subscribers.orders import Order
from mailrith.subscribers.planning import Plan
from mailrith.subscribers.rows import Person, Refusal
from mailrith.subscribers.seen import Seen
from mailrith.subscribers.writing import TagBook

BATCH = 1000  # rows of one transaction
BREATH_SECONDS = 0.004  # between two commits, so that pages get their turn on SQLite
SILENT_SECONDS = 60  # without a pulse for so long, the worker is dead
MAX_ATTEMPTS = 5  # of one batch

RUNNING = (ImportState.CHECKING, ImportState.QUEUED, ImportState.PROCESSING)


def run(import_id: int) -> None:
    """Carry out one import, from wherever it stands. Does nothing for one that is not to run. Commits."""
    brought = _claim(import_id)
    if brought is None:
        return
    order, done = orders.read(brought), brought.rows_done
    tags, seen = TagBook(order.workspace_id), Seen()
    tags.load()
    db.session.commit()
    try:
        with storage.opened(order.storage_key) as file:
            rows = order.parser.read(file)
            for batch in orders.batches(islice(rows, done), BATCH):
                seen.first_ones(batch)  # written before the previous worker died
            for batch in orders.batches(rows, BATCH):
                if not _write(order, done, seen.first_ones(batch), tags):
                    return
                done += len(batch)
                time.sleep(BREATH_SECONDS)
        _end(import_id, ImportState.COMPLETED)
    except FileNotFoundError:
        _end(import_id, ImportState.FAILED, FILE_GONE)
    finally:
        seen.close()


def find_silent() -> list[tuple[int, ImportState]]:
    """Imports whose worker is gone, and marks them, so that they are found once. The caller commits and queues them."""
    silent = now() - timedelta(seconds=SILENT_SECONDS)
    found = db.session.execute(
        select(Import.id, Import.state).where(
            Import.state.in_(RUNNING), or_(Import.pulse_at.is_(None), Import.pulse_at < silent)
        )
    ).all()
    numbers = [row.id for row in found]
    db.session.execute(
        update(Import)
        .where(Import.id.in_(numbers))
        .values(pulse_at=now())
        .execution_options(synchronize_session=False)
    )
    return [(row.id, ImportState(row.state)) for row in found]


def _claim(import_id: int) -> Import | None:
    """The import, now Processing; None when it is finished, canceled, or has failed too often at the same place."""
    brought = db.session.get(Import, import_id, with_for_update=True)
    if brought is None or brought.state not in (ImportState.QUEUED, ImportState.PROCESSING):
        db.session.rollback()
        return None
    if brought.attempts >= MAX_ATTEMPTS:
        _end(
            import_id,
            ImportState.FAILED,
            f"It stopped {brought.attempts} times after row {brought.rows_done:,}. "
            "What was written stays. Tell whoever runs this Mailrith.",
        )
        return None
    brought.state = ImportState.PROCESSING
    brought.attempts += 1
    brought.started_at = brought.started_at or now()
    brought.pulse_at = now()
    db.session.commit()
    return brought


def _write(
    order: Order, done: int, batch: tuple[list[Person], list[Refusal]], tags: TagBook
) -> bool:
    """One batch after `done` rows. False when somebody canceled, or another worker has written it."""
    people, refusals = batch
    size = len(people) + len(refusals)
    counted = Counter(refused=len(refusals))
    loading.plan_afresh()
    while people:
        plan = planning.plan(order.workspace_id, people, order.tags, order.policy)
        people = _write_plan(order, plan, tags, counted)
    writing.refuse(order.origin, refusals)
    if _advance(order.origin.import_id, done, size, counted):
        db.session.commit()
        return True
    db.session.rollback()
    _stop_if_asked(order.origin.import_id)
    return False


def _write_plan(order: Order, plan: Plan, tags: TagBook, counted: Counter[str]) -> list[Person]:
    """Returns the people whom somebody else added since the plan was made; they need another look."""
    added = writing.insert(order.origin, plan.new, tags)
    writing.merge(order.origin, plan.merges, tags)
    writing.refuse(order.origin, plan.left_alone)
    counted.update(
        added=len(added),
        updated=len(plan.merges),
        unchanged=len(plan.unchanged),
        left_alone=len(plan.left_alone),
    )
    return [person for person in plan.new if person.key not in added]


def _advance(import_id: int, done: int, size: int, counted: Counter[str]) -> bool:
    moved = db.session.execute(
        update(Import)
        .where(
            Import.id == import_id,
            Import.state == ImportState.PROCESSING,
            Import.rows_done == done,
            Import.cancel_requested.is_(False),
        )
        .values(
            rows_done=done + size,
            attempts=0,
            pulse_at=now(),
            **{name: getattr(Import, name) + number for name, number in counted.items()},
        )
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def _stop_if_asked(import_id: int) -> None:
    brought = db.session.get(Import, import_id, populate_existing=True)
    if brought is not None and brought.cancel_requested:
        _end(import_id, ImportState.CANCELED)


def _end(import_id: int, state: ImportState, words: str = "") -> None:
    """The last word about an import that is Processing. Its file goes: what is needed later is in the database."""
    brought = db.session.get(Import, import_id, populate_existing=True, with_for_update=True)
    if brought is None or brought.state not in RUNNING:
        db.session.rollback()
        return
    brought.state, brought.error_message, brought.completed_at = state, words, now()
    if state == ImportState.COMPLETED:
        brought.rows_total = brought.rows_done
    key = brought.storage_key
    db.session.commit()
    storage.delete(key)
