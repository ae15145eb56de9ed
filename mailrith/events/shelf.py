"""The way of raw requests into the database: one statement for all of a group, over a connection that is kept."""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, Table, event, insert
from sqlalchemy.exc import DBAPIError

from mailrith.core.db import db
from mailrith.delivery.ledger.shortcut import integers, moments, texts
from mailrith.events.models import HookRequest

_TABLE = cast(Table, HookRequest.__table__)

# An array for each column. By way of SQLAlchemy's rows this costs five times as much, most of it here and not in PostgreSQL.
_PUT = """
INSERT INTO hook_requests
    (connection_id, source, content_type, body, body_digest, received_at, state, results, note, attempts)
SELECT *, 'received', '[]', '', 0
FROM unnest(
    %(connections)s::bigint[], %(sources)s::text[], %(content_types)s::text[],
    %(bodies)b::bytea[], %(digests)b::bytea[], %(moments)s::timestamptz[]
)
"""


class Shelf:
    """For one thread at a time. Each `put` is a transaction of its own. The connection is its own, until the engine is disposed of."""

    def __init__(self) -> None:
        self._way: Connection | None = None

    def put(self, rows: Sequence[dict[str, Any]]) -> None:
        """Store them, and commit. Raises DBAPIError.

        A connection that was cut off since is replaced, and the rows are put once more: what that may store twice is applied once.
        """
        if self._way is not None and self._way.engine is db.engine:
            try:
                return self._write(self._way, rows)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
        self.leave()
        self._way = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._way.detach()  # the pool looks at a connection each time it hands it out, which costs as much as storing
        event.listen(db.engine, "engine_disposed", self._disposed, once=True)
        try:
            return self._write(self._way, rows)
        except DBAPIError:
            self.leave()
            raise

    def leave(self) -> None:
        """Close the connection."""
        way, self._way = self._way, None
        if way is not None:
            way.close()

    def _disposed(self, engine: Engine) -> None:
        if self._way is not None and self._way.engine is engine:
            self.leave()

    def _write(self, way: Connection, rows: Sequence[dict[str, Any]]) -> None:
        if way.dialect.name != "postgresql":
            with way.begin():
                way.execute(insert(_TABLE), list(rows))
            return
        raw: Any = way.connection.dbapi_connection
        try:
            with raw.cursor() as cursor:  # SQLAlchemy's part would cost as much as psycopg's
                cursor.execute(_PUT, _arrays(rows))
        except psycopg.Error as error:
            gone = raw.closed
            raise DBAPIError.instance(
                "hook_requests", None, error, psycopg.Error, connection_invalidated=gone
            ) from None


def _arrays(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "connections": integers(row["connection_id"] for row in rows),
        "sources": texts(row["source"] for row in rows),
        "content_types": texts(row["content_type"] for row in rows),
        "bodies": [row["body"] for row in rows],
        "digests": [row["body_digest"] for row in rows],
        "moments": moments(row["received_at"] for row in rows),
    }
