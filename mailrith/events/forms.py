"""Bodies that are JSON or a form (application/x-www-form-urlencoded), whichever somebody chose at the service."""

from typing import Any
from urllib.parse import parse_qsl

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable

_MAX_FIELDS = 200


def read(body: bytes) -> Any | Unreadable:
    """The value of a JSON text, or the fields of a form as one object; of a repeated field the last one counts."""
    if looks_like_json(body):
        return strict_json.read(body)
    try:
        fields = parse_qsl(body.decode("ascii"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        fields = []
    return dict(fields) or Unreadable("The body is neither JSON nor a form.")


def looks_like_json(body: bytes) -> bool:
    """Whether it begins as an object or an array does."""
    return body.lstrip()[:1] in (b"{", b"[")
