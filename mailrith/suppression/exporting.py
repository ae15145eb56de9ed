"""The list as a CSV file that opens safely in a spreadsheet, and that `reading` reads again."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.suppression.models import Suppression
from mailrith.suppression.wording import safe_cell

HEADER = ("email", "reason", "source", "since")
_CHUNK = 1000  # rows held at a time


def as_csv(workspace_id: int) -> Iterator[str]:
    """The file, piece by piece, oldest first. Where only a fingerprint is kept, the e-mail column is empty."""
    after = 0
    yield "\ufeff" + _lines([HEADER])  # Excel needs the mark
    while True:
        rows = db.session.execute(
            select(
                Suppression.id,
                Suppression.email,
                Suppression.reason,
                Suppression.source,
                Suppression.created_at,
            )
            .where(Suppression.workspace_id == workspace_id, Suppression.id > after)
            .order_by(Suppression.id)
            .limit(_CHUNK)
        ).all()
        if not rows:
            return
        after = rows[-1].id
        yield _lines(_cells(*row[1:]) for row in rows)


def _cells(email: str | None, reason: str, source: str, since: datetime) -> tuple[str, ...]:
    return (
        safe_cell(email or ""),
        str(reason),
        safe_cell(source),
        since.isoformat(timespec="seconds"),
    )


def _lines(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()
