"""What a webhook's sender hears: JSON with one sentence.

Providers give up for good on most statuses when something of ours is broken; only 429 is retried by all of them.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RETRY_AFTER = 60  # seconds

# Nobody opens these in a browser; whoever does sees a text and nothing else.
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


def say(status: int, sentence: str, *headers: tuple[str, str]) -> Response:
    """One sentence."""
    return body(json.dumps({"message": sentence}, separators=(",", ":")) + "\n", status, *headers)


def body(text: str, status: int = 200, *headers: tuple[str, str]) -> Response:
    """JSON that a service waits for."""
    return Response(text, status, [*_HEADERS, *headers], content_type="application/json")


def later(sentence: str) -> Response:
    """Come again."""
    return say(429, sentence, ("Retry-After", str(RETRY_AFTER)))


def wrong_method() -> Response:
    """Nothing can be read here."""
    return say(405, "This address takes events by POST.", ("Allow", "POST"))


class Ready:
    """An answer that is the same each time, made once: making one costs a tenth of what storing an event does."""

    def __init__(self, answer: Response) -> None:
        self._status = answer.status
        self._headers = list(answer.headers)
        self._body = [answer.get_data()]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        start_response(self._status, self._headers.copy())
        return self._body


STORED = Ready(say(200, "Stored."))
