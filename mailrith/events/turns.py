"""Whoever changes a person by what came back takes turns: two workers must not each miss the fact that the other one writes.

Advisory locks of PostgreSQL: they cost no write, unlike row locks, and most events are deliveries that change nobody. SQLite has
one writer at a time, so there is nothing to do.
"""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import ARRAY, Integer, func, literal, select

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
    wanted = alone | {_bucket(fingerprint) for fingerprint in noting}
    # In one order for all, so that nobody waits in a circle.
    for exclusive, buckets in groupby(sorted(wanted), key=lambda bucket: bucket in alone):
        lock = func.pg_advisory_xact_lock if exclusive else func.pg_advisory_xact_lock_shared
        bucket = func.unnest(literal(list(buckets), ARRAY(Integer))).column_valued("bucket")
        db.session.execute(select(lock(_ROOM, bucket))).all()


def _bucket(fingerprint: bytes) -> int:
    return int.from_bytes(fingerprint[:4]) % _BUCKETS
