"""The dry run: every row of a file, what would become of it and why, and nothing written but the findings."""

from sqlalchemy import select, update

from mailrith.core import storage
from mailrith.core.clock import now
from mailrith.core.db import db, transaction_mode
from mailrith.subscribers import orders, planning
from mailrith.subscribers.findings import Findings
from mailrith.subscribers.models import Import, ImportState, Tag
from mailrith.subscribers.orders import Order
from mailrith.subscribers.seen import Seen

BATCH = 1000  # rows
PULSE_EVERY = 20  # batches between two signs of life

FILE_GONE = "The file is not there any more. Bring it again."


def run(import_id: int) -> None:
    """Check one import and make it Ready. Does nothing for one that is not being checked. Commits."""
    brought = db.session.get(Import, import_id)
    if brought is None or brought.state != ImportState.CHECKING:
        return
    mapping = brought.mapping
    order = orders.read(brought)
    findings = _check(import_id, order)
    checked = db.session.get(Import, import_id, populate_existing=True, with_for_update=True)
    if checked is None or checked.state != ImportState.CHECKING or checked.mapping != mapping:
        return  # changed or left in the meantime
    if findings is None:
        checked.state, checked.error_message = ImportState.FAILED, FILE_GONE
    else:
        checked.state = ImportState.READY
        checked.findings, checked.rows_total = findings.to_json(), findings.rows
    db.session.commit()


def _check(import_id: int, order: Order) -> Findings | None:
    findings, seen = Findings(), Seen()
    known_tags = set(
        db.session.scalars(select(Tag.name_key).where(Tag.workspace_id == order.workspace_id))
    )
    try:
        with storage.opened(order.storage_key) as file:
            rows = orders.batches(order.parser.read(file), BATCH)
            for number, batch in enumerate(rows, 1):
                people, refusals = seen.first_ones(batch)
                with transaction_mode(read_only=True):
                    plan = planning.plan(order.workspace_id, people, order.tags, order.policy)
                    db.session.rollback()
                findings.take(plan, refusals, known_tags)
                if number % PULSE_EVERY == 0:
                    _pulse(import_id, findings.rows)
    except FileNotFoundError:
        return None
    finally:
        seen.close()
    return findings


def _pulse(import_id: int, rows: int) -> None:
    db.session.execute(
        update(Import)
        .where(Import.id == import_id, Import.state == ImportState.CHECKING)
        .values(pulse_at=now(), rows_total=rows)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
