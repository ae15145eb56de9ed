"""Migrations run with short lock timeouts, so that they never queue up behind a busy sender, and import no model."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import current_app

from mailrith.core.db import Base, UtcDateTime, Word

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "5min"


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | bool:
    """Write our own types as the plain ones they are stored as."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Word):
        return f"sa.String(length={item.length})"
    return False


def run() -> None:
    """Upgrade or compare over one connection."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Rebuilding a table with foreign keys on deletes the children. Only possible before BEGIN.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            render_as_batch=sqlite,
            compare_type=_compare_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
                connection.execute(sa.text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")
        if connection.in_transaction():
            connection.commit()
        if sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = ON")


def _compare_type(
    ctx: Any, inspected: Any, column: Any, inspected_type: Any, metadata_type: Any
) -> bool | None:
    # SQLite has no sizes or zones to compare; PostgreSQL does, and tests run on both.
    return False if ctx.dialect.name == "sqlite" else None


run()
