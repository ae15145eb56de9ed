"""The database: one metadata, types that mean the same on PostgreSQL and SQLite, and how a transaction begins.

A request that may change nothing runs read-only on both engines. Everything else begins with a write lock on SQLite
(BEGIN IMMEDIATE), because there a read that turns into a write fails at once when somebody else wrote in between.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Uuid,
    event,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from mailrith.core.ids import uuid7

BUSY_TIMEOUT_MS = 10_000  # how long SQLite waits for another writer

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of Mailrith."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Base.metadata)

# A bigint key; SQLite only counts up by itself on a column that is exactly INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timestamptz on PostgreSQL, UTC text on SQLite, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


E = TypeVar("E", bound=StrEnum)


class Word(TypeDecorator[E]):
    """A StrEnum stored by value in a column of `length` characters, and a member of it again when read."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[E], length: int) -> None:
        super().__init__(length)
        self.kind = kind
        self.length = length

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """Only a member is compared as one; any other text is text."""
        return self if isinstance(value, self.kind) else String()

    def process_bind_param(self, value: E | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self.kind(value)


class Keyed:
    """A bigint key inside, a UUIDv7 outside."""

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[UUID] = mapped_column(Uuid, default=uuid7, unique=True)


class database_epoch(FunctionElement[float]):  # noqa: N801 - reads as a SQL function
    """Seconds since 1970 by the database's clock: the one clock that all machines share. Leases use it."""

    type = Float()
    inherit_cache = True


@compiles(database_epoch, "postgresql")
def _postgresql_epoch(element: database_epoch, compiler: SQLCompiler, **kw: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


@compiles(database_epoch, "sqlite")
def _sqlite_epoch(element: database_epoch, compiler: SQLCompiler, **kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


_read_only: ContextVar[bool] = ContextVar("read_only", default=False)


@contextmanager
def transaction_mode(*, read_only: bool) -> Iterator[None]:
    """Transactions that begin inside are read-only, or take the write lock at once. Ends the open transaction first."""
    db.session.rollback()
    token = _read_only.set(read_only)
    try:
        yield
    finally:
        _read_only.reset(token)


def set_read_only(read_only: bool) -> None:
    """The same for a whole request, set before its first query."""
    _read_only.set(read_only)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we write BEGIN ourselves, below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL can lose a committed mark at a power cut
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    read_only = _read_only.get()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
    elif read_only:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
