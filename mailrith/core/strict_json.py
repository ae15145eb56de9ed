"""JSON from strangers, read without trust: one reading of every text, bounded depth, no surprises for the database."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_DEPTH = 20  # our own forms have four levels at most; mail services nest a few more


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a body is refused as a whole, as a sentence for whoever sends it."""

    sentence: str


class _Refused(ValueError):
    """Raised inside the parser's hooks only; `read` turns it into Unreadable."""


def read(body: bytes) -> Any | Unreadable:
    """The value of a JSON text in UTF-8 (RFC 8259), or why it cannot be used.

    Stricter than `json`: no duplicate names (two programs would read different values), no NaN or Infinity, no endless nesting.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return Unreadable("The body is not UTF-8. Send JSON in UTF-8.")
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except _Refused as refused:
        return Unreadable(str(refused))
    except RecursionError:
        return Unreadable(_TOO_DEEP)
    except ValueError as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return Unreadable(f"The body is not valid JSON{place}. Nothing was stored.")
    return Unreadable(_TOO_DEEP) if _deeper_than(value, MAX_DEPTH) else value


def is_storable(text: str) -> bool:
    """Whether both databases can keep it: no NUL (PostgreSQL) and no half of a surrogate pair (UTF-8)."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


_TOO_DEEP = f"The JSON is nested more than {MAX_DEPTH} levels deep."


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("The same name stands twice in one object. Send each name once.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a JSON number.")


def _deeper_than(value: Any, levels: int) -> bool:
    # Level by level, so that the check itself needs no deep stack.
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for item in layer
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not layer:
            return False
    return any(isinstance(item, (dict, list)) for item in layer)
