"""What a request brings: strict JSON of a known shape. Whatever does not fit is named by its path, with how to mend it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from mailrith.api.problems import TooLarge, WrongMedia
from mailrith.core import strict_json
from mailrith.core.errors import Invalid

MAX_BYTES = 1_000_000


class Body(BaseModel):
    """A request's JSON object: no unknown names, and no text where a number is meant."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


B = TypeVar("B", bound=Body)


def raw(max_bytes: int) -> bytes:
    """The body as it came, at most `max_bytes` of it. Raises TooLarge, WrongMedia and Invalid."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMedia("Send the body uncompressed.")
    request.max_content_length = max_bytes + 1  # a body without a length is cut there, not refused
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(max_bytes) from None
    except ClientDisconnected:
        raise Invalid("The body ended too early. Nothing was done.") from None
    if len(body) > max_bytes:
        raise TooLarge(max_bytes)
    return body


def read(shape: type[B], body: bytes) -> B:
    """The body as `shape`. Raises WrongMedia and Invalid."""
    if request.mimetype != "application/json":
        raise WrongMedia("Send JSON, with the header Content-Type: application/json.")
    value = strict_json.read(body)
    if isinstance(value, strict_json.Unreadable):
        raise Invalid(value.sentence)
    if not isinstance(value, dict):
        raise Invalid("Send a JSON object: { ... }.")
    _check_texts(value, "")
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=True, include_input=False)[0]
        raise Invalid(_sentence(first), field=path_of(first["loc"])) from None


def nothing_sent(body: bytes) -> None:
    """For operations that take no body: an empty one, or an empty object. Raises Invalid."""
    if body.strip() not in {b"", b"{}"}:
        raise Invalid("This request takes no body. Leave it out.")


def path_of(parts: tuple[int | str, ...]) -> str:
    """How a place in JSON is written: messages[2].attachments[0].url."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith(("function-", "tagged-")):  # pydantic's own names for a step
            path += f".{part}" if path else part
    return path


def _check_texts(value: Any, path: str) -> None:
    """Refuse what neither database can keep, wherever it stands. Depth is bounded by `strict_json`."""
    if isinstance(value, str) and not strict_json.is_storable(value):
        raise Invalid("Leave out NUL characters and halves of surrogate pairs.", field=path or None)
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name, path)
            _check_texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            _check_texts(inner, f"{path}[{place}]")


_SENTENCES = {
    "missing": "{path} is missing.",
    "extra_forbidden": "{path} is nothing that this request takes. Leave it out.",
    "string_type": "{path} has to be text.",
    "bool_type": "{path} has to be true or false.",
    "int_type": "{path} has to be a whole number.",
    "int_from_float": "{path} has to be a whole number.",
    "float_type": "{path} has to be a number.",
    "list_type": "{path} has to be a list.",
    "dict_type": "{path} has to be an object.",
    "model_type": "{path} has to be an object.",
    "uuid_parsing": "{path} has to be an id as this API gives it.",
    "string_too_long": "{path} has at most {max_length} characters.",
    "string_too_short": "{path} must not be empty.",
    "too_long": "{path} has at most {max_length} entries.",
    "too_short": "{path} needs at least {min_length}.",
    "greater_than_equal": "{path} is at least {ge}.",
    "less_than_equal": "{path} is at most {le}.",
    "enum": "{path} is one of {expected}.",
    "literal_error": "{path} is one of {expected}.",
}


def _sentence(error: Mapping[str, Any]) -> str:
    path = path_of(error["loc"]) or "The body"
    words = _SENTENCES.get(error["type"])
    if words is not None:
        return words.format(path=path, **error.get("ctx", {}))
    said = error["msg"].removeprefix("Value error, ")
    return f"{path}: {said[:1].lower()}{said[1:].rstrip('.')}."
