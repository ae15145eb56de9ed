"""Many values in one short statement: one array for each column. The statement is the same for one and for thousands."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Table,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from mailrith.core.db import db


def unnested(table: Table, rows: list[dict[str, Any]]) -> Select[Any]:
    """These rows, which all have the same columns of `table`, as something to insert from. PostgreSQL only."""
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    return select(func.unnest(*arrays).table_valued(*names).render_derived())


def among(column: InstrumentedAttribute[int], keys: Sequence[int]) -> ColumnElement[bool]:
    """Whether it is one of these keys. SQLite gets a list, where each key is a value of its own."""
    if db.session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(keys), ARRAY(BigInteger)))
    return column.in_(keys)
