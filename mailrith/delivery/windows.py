"""What a connection has carried in each window, from the ledger, and when a full one has room again.

What counts is what the server took, or may have taken. `counters` keeps the same sums at hand for all workers.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries
from mailrith.delivery.limits import Window, limits_of
from mailrith.delivery.models import Delivery

ENOUGH = 10  # a long window is waited for until this part of it (a tenth) is free again


def used(connection_id: int, window: Window, moment: datetime | None = None) -> int:
    """How many messages the connection carried in the window that ends now."""
    since = (moment or now()) - timedelta(seconds=window.seconds)
    return db.session.scalar(queries.used_since(connection_id, since)) or 0


def buckets(connection_id: int, window: Window) -> dict[int, int]:
    """Bucket number (seconds since 1970 by the bucket's width) -> messages, for the window that ends now."""
    since = now() - timedelta(seconds=window.seconds)
    bucket = (_epoch(Delivery.updated_at) // window.bucket_seconds).label("bucket")
    rows = db.session.execute(
        select(bucket, func.count())
        .where(*queries.taken_since(connection_id, since))
        .group_by("bucket")
    )
    return {int(number): people for number, people in rows}


def full(connection: Connection) -> list[Window]:
    """The windows for which a run rests that are used up, the shortest first."""
    return [
        window
        for window, limit in limits_of(connection).windows
        if window.cause is not None and used(connection.id, window) >= limit
    ]


def room_again_at(connection: Connection) -> datetime:
    """When enough of what fills its windows is older than they are."""
    moment = now()
    waits = [
        _free_at(connection.id, window, limit, moment)
        for window, limit in limits_of(connection).windows
        if window.cause is not None
    ]
    return max((free for free in waits if free is not None), default=moment)


def _free_at(connection_id: int, window: Window, limit: int, moment: datetime) -> datetime | None:
    """When a tenth of the window is free; None for one that is not full."""
    surplus = used(connection_id, window, moment) - limit
    if surplus < 0:
        return None
    length = timedelta(seconds=window.seconds)
    leaves = db.session.scalar(
        select(Delivery.updated_at)
        .where(*queries.taken_since(connection_id, moment - length))
        .order_by(Delivery.updated_at)
        .offset(surplus + max(1, limit // ENOUGH) - 1)
        .limit(1)
    )
    # A bucket goes as a whole, with the newest message in it.
    return (leaves or moment) + length + timedelta(seconds=window.bucket_seconds)


class _epoch(FunctionElement[int]):  # noqa: N801 - reads as a SQL function
    """Whole seconds since 1970 of a column."""

    type = Integer()
    inherit_cache = True


@compiles(_epoch, "postgresql")
def _postgresql_epoch(element: _epoch, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(floor(extract(epoch from {compiler.process(element.clauses, **kw)})) AS bigint)"


@compiles(_epoch, "sqlite")
def _sqlite_epoch(element: _epoch, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER)"
