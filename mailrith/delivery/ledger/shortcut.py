"""Statements of the hot path straight to psycopg: they run for every few messages, and the way around costs more than they do.

Half of what a turn of the ledger cost was SQLAlchemy's part and psycopg's lists; a list as the text of an array is a string.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause
from sqlalchemy.dialects import postgresql

_KEPT = 64  # statements; single messages bring some of their own


def execute(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """Run it in the connection's transaction and give its rows as tuples. Only for psycopg, whose errors it raises.

    Lists in `values` are to be texts made by `integers`, `texts` or `moments`.
    """
    spelled, own = _spelled(statement)
    raw: Any = connection.connection
    with raw.cursor(binary=True) as cursor:
        cursor.execute(spelled, {**own, **values} if own else values)
        return cursor.fetchall() if cursor.description else []


def integers(numbers: Iterable[int | None]) -> str:
    """An array of whole numbers."""
    return _array("NULL" if one is None else str(one) for one in numbers)


def texts(words: Iterable[str]) -> str:
    """An array of texts, whatever stands in them."""
    return _array(map(_quoted, words))


def moments(times: Iterable[datetime | None]) -> str:
    """An array of moments with their zones."""
    return _array("NULL" if one is None else one.isoformat() for one in times)


def _array(elements: Iterable[str]) -> str:
    return f"{{{','.join(elements)}}}"


def _quoted(words: str) -> str:
    if "\\" in words or '"' in words:
        words = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{words}"'


@lru_cache(_KEPT)
def _spelled(statement: TextClause) -> tuple[str, dict[str, Any]]:
    """The statement as psycopg reads it, and the values that it brings along."""
    compiled = statement.compile(dialect=postgresql.psycopg.dialect())  # type: ignore[no-untyped-call]
    own = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), own
