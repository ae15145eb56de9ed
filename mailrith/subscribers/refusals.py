"""The rows that an import did not take, as a CSV file that opens safely in a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.subscribers.models import Import, ImportRefusal

_CHUNK = 1000  # rows held at a time
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OUTCOMES = {"refused": "Refused", "left_alone": "Left alone"}


def as_csv(brought: Import) -> Iterator[str]:
    """The file, piece by piece: row, email, name, outcome, reason."""
    import_id, after = brought.id, 0
    yield "\ufeff" + _line(["row", "email", "name", "outcome", "reason"])  # Excel needs the mark
    while True:
        rows = db.session.scalars(
            select(ImportRefusal)
            .where(ImportRefusal.import_id == import_id, ImportRefusal.id > after)
            .order_by(ImportRefusal.id)
            .limit(_CHUNK)
        ).all()
        if not rows:
            return
        after = rows[-1].id
        yield "".join(_line(_cells(row)) for row in rows)
        db.session.expunge_all()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a quotation mark before it, which it does not show."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cells(row: ImportRefusal) -> list[str]:
    outcome = _OUTCOMES.get(row.outcome, row.outcome)
    return [str(row.row_number), safe(row.value), safe(row.name), outcome, safe(row.reason)]


def _line(cells: list[str]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue()
