"""What the API answers with: {"data": ...}, and the shapes that stand in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict

from mailrith.accounts.repeats import Answer


class Shape(BaseModel):
    """A resource as it is shown. Times are ISO 8601 in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Listed:
    """A page of resources, and the cursor for the next one."""

    items: Sequence[Shape]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Plain:
    """JSON without the envelope, for what describes the API itself."""

    value: dict[str, Any]


Result = Shape | Listed | Plain | None


def answer(result: Result, status: int) -> Answer:
    """The status and the JSON text of what an operation returned."""
    if result is None:
        return Answer(204, "")
    return Answer(status, json.dumps(_enveloped(result), ensure_ascii=False))


def response(found: Answer) -> Response:
    """The answer on its way out."""
    return Response(found.body, found.status, content_type="application/json")


def _enveloped(result: Shape | Listed | Plain) -> dict[str, Any]:
    if isinstance(result, Plain):
        return result.value
    if isinstance(result, Shape):
        return {"data": _data(result)}
    return {
        "data": [_data(item) for item in result.items],
        "pagination": {
            "has_more": result.next_cursor is not None,
            "next_cursor": result.next_cursor,
        },
    }


def _data(shape: Shape) -> dict[str, Any]:
    # What a key may not see, or what does not apply, is left out rather than null, unless the shape says so.
    return shape.model_dump(mode="json", by_alias=True, exclude_unset=True)
