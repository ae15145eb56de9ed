"""Many rows into a table, the fastest way of each engine: arrays in one statement on PostgreSQL, executemany on SQLite."""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, column, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.db import db


def on_postgresql() -> bool:
    """Whether the session talks to PostgreSQL."""
    return db.session.get_bind().dialect.name == "postgresql"


def plan_afresh() -> None:
    """For this transaction, have PostgreSQL plan each statement for the tables as they are now.

    Otherwise a plan made while the table was empty, a scan of all of it, is kept while an import fills the table.
    """
    if on_postgresql():
        db.session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def insert_from(model: Any, names: list[str], rows: Any) -> None:
    """INSERT ... SELECT."""
    db.session.execute(_insert(model).from_select(names, rows))


def insert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Add rows, passing over those that are there already. All have the same keys."""
    if not rows:
        return
    if on_postgresql():
        db.session.execute(_from_arrays(model, rows).on_conflict_do_nothing())
    else:
        db.session.execute(_insert(model).on_conflict_do_nothing(), rows)


def insert_returning(
    model: Any, rows: list[dict[str, Any]], *columns: ColumnElement[Any]
) -> list[tuple[Any, ...]]:
    """The same, and `columns` of those that were added."""
    if not rows:
        return []
    if on_postgresql():
        statement = _from_arrays(model, rows).on_conflict_do_nothing().returning(*columns)
        return [tuple(row) for row in db.session.execute(statement)]
    statement = _insert(model).on_conflict_do_nothing().returning(*columns)
    return [tuple(row) for row in db.session.execute(statement, rows)]


def _from_arrays(model: Any, rows: list[dict[str, Any]]) -> Any:
    table = model.__table__
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    columns = [column(name, table.c[name].type) for name in names]
    source = func.unnest(*arrays).table_valued(*columns).render_derived()
    return _insert(model).from_select(names, select(*source.c))


def _insert(model: Any) -> Any:
    return (postgresql.insert if on_postgresql() else sqlite.insert)(model.__table__)
