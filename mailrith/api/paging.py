"""Lists: `limit` and `starting_after` in, a page and the next cursor out."""

from collections.abc import Callable
from typing import TypeVar

from flask import request
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from mailrith.api.answers import Listed, Shape
from mailrith.api.problems import BadQuery
from mailrith.core import paging

PARAMETERS = ("limit", "starting_after")
USUAL = 25
MOST = 100

T = TypeVar("T")


def listed(query: Select[T], key: InstrumentedAttribute[int], show: Callable[[T], Shape]) -> Listed:
    """One page of `query`, newest first. Raises BadQuery."""
    check_names(PARAMETERS)
    page = paging.paginate(query, key, size=_limit(), after=_cursor())
    return Listed([show(row) for row in page.items], page.after)


def check_names(known: tuple[str, ...]) -> None:
    """Refuse what is misspelt: a filter that does nothing would show everybody. Raises BadQuery."""
    for name in request.args:
        if name not in known:
            raise BadQuery(f"{name} is nothing that this list knows.", name)
        if len(request.args.getlist(name)) > 1:
            raise BadQuery(f"{name} stands there twice.", name)


def _limit() -> int:
    text = request.args.get("limit", str(USUAL))
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise BadQuery(f"limit is a number from 1 to {MOST}.", "limit")
    return int(text)


def _cursor() -> str | None:
    cursor = request.args.get("starting_after")
    if cursor is not None and not paging.is_cursor(cursor):
        raise BadQuery(
            "starting_after is the next_cursor of the page before, unchanged.", "starting_after"
        )
    return cursor
