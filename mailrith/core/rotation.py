"""Sealing every stored secret again under the newest key, while everything else goes on.

A sealed column is one whose name begins with `sealed_`; its place is "<table>:<id>:<name without sealed_>" (see `secrets`).
Each batch is a transaction of its own, and a secret that somebody replaced meanwhile is left as it is: that was sealed under
the newest key already, or the next pass finds it. Nothing else about a row changes, so sessions in use stay open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, func, select, update

from mailrith.core import secrets
from mailrith.core.db import Base, db

BATCH = 100  # rows
BATCH_BYTES = 20_000_000  # of sealed columns at once: a message may have 10 MB
_PREFIX = "sealed_"


@dataclass(frozen=True)
class Rotation:
    """How many secrets were sealed again, were under the newest key before, and cannot be opened by any key."""

    resealed: int = 0
    current: int = 0
    unreadable: int = 0

    def __add__(self, other: "Rotation") -> "Rotation":
        return Rotation(
            self.resealed + other.resealed,
            self.current + other.current,
            self.unreadable + other.unreadable,
        )


def rotate() -> Rotation:
    """Seal all of them again. Commits after each batch; doing it twice changes nothing the second time."""
    total = Rotation()
    for table, column in sealed_columns():
        total += _rotate_column(table, column)
    return total


def sealed_columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of every table that holds sealed secrets."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name.startswith(_PREFIX):
                yield table, column


def _rotate_column(table: Table, column: Column[Any]) -> Rotation:
    total, after = Rotation(), 0
    while ids := batch(table, column, after):
        rows = select(table.c.id, column).where(table.c.id.in_(ids), column.is_not(None))
        for row_id, sealed in db.session.execute(rows).all():
            total += _reseal(table, column, row_id, sealed)
        db.session.commit()
        after = ids[-1]
    db.session.commit()  # also the empty look at the end: on SQLite it holds the one write lock
    return total


def batch(table: Table, column: Column[Any], after: int) -> list[int]:
    """The rows behind `after` that come next: at most BATCH, and no more than BATCH_BYTES unless one alone has more."""
    sizes = db.session.execute(
        select(table.c.id, func.length(column))
        .where(table.c.id > after, column.is_not(None))
        .order_by(table.c.id)
        .limit(BATCH)
    )
    ids: list[int] = []
    weight = 0
    for row_id, size in sizes:
        weight += size
        if ids and weight > BATCH_BYTES:
            break
        ids.append(row_id)
    return ids


def _reseal(table: Table, column: Column[Any], row_id: int, sealed: bytes) -> Rotation:
    place = f"{table.name}:{row_id}:{column.name.removeprefix(_PREFIX)}"
    try:
        plain = secrets.open_sealed(sealed, place=place)
    except secrets.Unreadable:
        return Rotation(unreadable=1)
    if secrets.sealed_with_current_key(sealed):
        return Rotation(current=1)
    values: dict[str, Any] = {column.name: secrets.seal(plain, place=place)}
    if "updated_at" in table.c:
        values["updated_at"] = table.c.updated_at  # nobody edited anything
    done = db.session.execute(
        update(table).where(table.c.id == row_id, column == sealed).values(values)
    )
    return Rotation(resealed=done.rowcount)  # type: ignore[attr-defined]
