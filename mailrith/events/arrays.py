"""Many rows in one short statement: one array for each column. The statement is the same for one row and for thousands."""

from typing import Any

from sqlalchemy import ARRAY, Select, Table, func, literal, select


def unnested(table: Table, rows: list[dict[str, Any]]) -> Select[Any]:
    """These rows, which all have the same columns of `table`, as something to insert from. PostgreSQL only."""
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    return select(func.unnest(*arrays).table_valued(*names).render_derived())
