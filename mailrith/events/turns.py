"""Whoever changes a person by what came back takes turns: two workers must not each miss the fact that the other one writes.

Advisory locks of PostgreSQL: they cost no write, unlike row locks, and most events are deliveries that change nobody. SQLite has
one writer at a time, so there is nothing to do.
"""

from collections.abc import Iterable

from sqlalchemy import ARRAY, Boolean, Integer, case, func, literal, select

from mailrith.core.db import db

_ROOM = 0x5EED  # the first number of our locks, so that nobody else's are meant
_BUCKETS = 1024  # people share them; so many locks of one transaction at most


def take(deciding: Iterable[bytes], noting: Iterable[bytes]) -> None:
    """Wait for those who decide about the same people, by the fingerprints of their addresses. Held until the commit.

    deciding: who may change, and so waits for those who note as well; noting: whose facts count for others' decisions.
    Call it after the facts are written, and read only after it.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        return
    alone = {_bucket(fingerprint) for fingerprint in deciding}
    wanted = sorted(alone | {_bucket(fingerprint) for fingerprint in noting})
    if not wanted:
        return
    # One after another in one order for all, so that nobody waits in a circle.
    rows = (
        func.unnest(
            literal(wanted, ARRAY(Integer)),
            literal([bucket in alone for bucket in wanted], ARRAY(Boolean)),
        )
        .table_valued("bucket", "alone")
        .render_derived()
    )
    lock = case(
        (rows.c.alone, func.pg_advisory_xact_lock(_ROOM, rows.c.bucket)),
        else_=func.pg_advisory_xact_lock_shared(_ROOM, rows.c.bucket),
    )
    db.session.execute(select(func.count(lock)))


def _bucket(fingerprint: bytes) -> int:
    return int.from_bytes(fingerprint[:4]) % _BUCKETS
