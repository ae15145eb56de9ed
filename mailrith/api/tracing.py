"""The id of a request, by which its caller and our log speak of the same one, and headers that every answer has."""

import re
from uuid import uuid4

from flask import Blueprint, Response, g, request

HEADERS = ("X-Mailrith-Request-Id", "X-Request-Id")
_SOUND = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def register(blueprint: Blueprint) -> None:
    """Take the caller's id or make one, and say it back in both spellings that clients read."""
    blueprint.before_request(_begin)
    blueprint.after_request(_end)


def _begin() -> None:
    sent = next((value for name in HEADERS if (value := request.headers.get(name, ""))), "")
    g.request_id = sent if _SOUND.fullmatch(sent) else f"req_{uuid4()}"


def _end(response: Response) -> Response:
    for name in HEADERS:
        response.headers[name] = g.request_id
    response.headers["Cache-Control"] = "no-store"
    return response
