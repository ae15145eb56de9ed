"""Keyset paging: a page is what comes after (or before) a row, never "skip N", so it costs the same at row one and at a million."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from mailrith.core.db import db

T = TypeVar("T")

_MAX_DIGITS = 18  # fits a bigint


@dataclass(frozen=True)
class Page(Generic[T]):
    """`items` in reading order; `after` and `before` are opaque cursors for the neighbours, or None."""

    items: Sequence[T]
    after: str | None
    before: str | None


def paginate(
    query: Select[T],
    key: InstrumentedAttribute[int],
    *,
    size: int = 50,
    after: str | None = None,
    before: str | None = None,
) -> Page[T]:
    """One page of `query`, newest first by the unique integer `key` (a mapped column of T). Bad cursors mean the first page."""
    attribute = str(key.key)
    start, end = _decode(after), _decode(before)
    if end is not None:
        query = query.where(key > end).order_by(key.asc())
    elif start is not None:
        query = query.where(key < start).order_by(key.desc())
    else:
        query = query.order_by(key.desc())
    rows: list[Any] = list(db.session.scalars(query.limit(size + 1)))
    more = len(rows) > size
    rows = rows[:size]
    if end is not None:
        rows.reverse()
    has_after = bool(rows) and (more or end is not None)
    has_before = bool(rows) and (start is not None or (end is not None and more))
    return Page(
        rows,
        _encode(getattr(rows[-1], attribute)) if has_after else None,
        _encode(getattr(rows[0], attribute)) if has_before else None,
    )


def is_cursor(text: str) -> bool:
    """Whether `paginate` gave it out, or might have."""
    return _decode(text) is not None


def _encode(value: int) -> str:
    return urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


def _decode(cursor: str | None) -> int | None:
    if not cursor or len(cursor) > 40:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (Base64Error, ValueError):
        return None
    return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else None
