"""What was carried in each window, from the ledger, and when a full one has room again.

What counts is what the server took, or may have taken, of all connections that the service counts as one. `counters` keeps
the same sums at hand for all workers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits import shares
from mailrith.connections.limits.ramps import ramp_of
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.epoch import epoch
from mailrith.delivery import queries
from mailrith.delivery.models import Delivery
from mailrith.delivery.pacing.limits import Group, Quota, Window, limits_of, quotas, shared_windows

ENOUGH = 10  # a long window is waited for until this part of it (a tenth) is free again


def quotas_of(
    connection: Connection, workspace_id: int, moment: datetime | None = None
) -> tuple[Quota, ...]:
    """Everything that holds the workspace back on this connection now."""
    limits = limits_of(connection, shares.share_of(connection.id, workspace_id), moment)
    if not limits.windows:
        return ()
    return quotas(limits, Group(limit_groups.members(connection)), workspace_id)


def group_of(connection: Connection, workspace_id: int) -> Group:
    """Whom the service counts together with it, and in which windows that matters to the others."""
    ids = limit_groups.members(connection)
    windows: list[Window] = []
    shared: list[Window] = []
    for id_ in ids if len(ids) > 1 else ():
        other = db.session.get_one(Connection, id_)
        limits = limits_of(other, shares.share_of(id_, workspace_id))
        windows += [window for window, _ in limits.windows]
        shared += shared_windows(limits)
    return Group(ids, tuple(dict.fromkeys(windows)), tuple(dict.fromkeys(shared)))


def used(quota: Quota, moment: datetime | None = None) -> int:
    """How many messages were carried in the window that ends now."""
    since = quota.window.since(moment or now())
    counted = select(func.count()).select_from(Delivery).where(*_taken(quota, since))
    return db.session.scalar(counted) or 0


def buckets(quota: Quota) -> dict[int, int]:
    """Bucket number (seconds since 1970 by the bucket's width) -> messages, for the window that ends now."""
    window = quota.window
    bucket = (epoch(Delivery.updated_at) // window.bucket_seconds).label("bucket")
    rows = db.session.execute(
        select(bucket, func.count()).where(*_taken(quota, window.since(now()))).group_by("bucket")
    )
    return {int(number): people for number, people in rows}


def full(connection: Connection, workspace_id: int) -> list[Window]:
    """The windows for which a run rests that are used up, the shortest first."""
    found = [
        quota.window
        for quota in _long(quotas_of(connection, workspace_id))
        if used(quota) >= quota.limit
    ]
    return sorted(found, key=lambda window: window.seconds)


def room_again_at(connection: Connection, workspace_id: int) -> datetime:
    """When enough of what fills its windows is older than they are."""
    moment = now()
    waits = []
    for quota in _long(quotas_of(connection, workspace_id, moment)):
        free = _free_at(quota, moment)
        if free is not None:
            waits.append(_or_grown(connection, quota, free, moment))
    return max(waits, default=moment)


def _long(found: Sequence[Quota]) -> list[Quota]:
    return [quota for quota in found if quota.window.cause is not None]


def _free_at(quota: Quota, moment: datetime) -> datetime | None:
    """When a tenth of the window is free, or its day is over; None for one that is not full."""
    window, limit = quota.window, quota.limit
    surplus = used(quota, moment) - limit
    if surplus < 0:
        return None
    if window.zone:
        return window.empty_at(moment)
    leaves = db.session.scalar(
        select(Delivery.updated_at)
        .where(*_taken(quota, window.since(moment)))
        .order_by(Delivery.updated_at)
        .offset(surplus + max(1, limit // ENOUGH) - 1)
        .limit(1)
    )
    # A bucket goes as a whole, with the newest message in it.
    return (leaves or moment) + timedelta(seconds=window.seconds + window.bucket_seconds)


def _or_grown(connection: Connection, quota: Quota, free: datetime, moment: datetime) -> datetime:
    """The next day of a warm-up may come before the window is free."""
    ramp = ramp_of(connection)
    grows = ramp.grows_at(moment) if ramp and quota.window.name == "day" else None
    return min(free, grows) if grows else free


def _taken(quota: Quota, since: datetime) -> tuple[ColumnElement[bool], ...]:
    conditions = queries.taken_by(quota.whose.connection_ids, since)
    if quota.whose.workspace_id is None:
        return conditions
    return (*conditions, Delivery.workspace_id == quota.whose.workspace_id)
