"""One Case for each service that posts events: a sample and a maker of well-signed posts, in a file of its own."""

import importlib
import json
import pkgutil
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers

from mailrith.events.reports import EventProvider, Keys, Post

MARK = "0123abcd-1f-k1-0123456789abcdef0123"
MESSAGE_ID = "0123abcd.1f.k1.0123456789abcdef0123@mark.invalid"
RECIPIENT = "ann@post.example"


@dataclass(frozen=True)
class Case:
    """What the contract needs to know of a service.

    name: its `connections.models.Provider`. sample: one hard bounce of MESSAGE_ID for RECIPIENT, as the service writes it.
    body: the request's body around events. sign: a post of a body, signed with a secret (the first two are right, the third is a
    stranger's). keys: what a connection with these secrets has. kind: the path to the name of the event in the sample.
    covers_body: whether a byte that changes is noticed. registered: whether a connection can be of this service. stale: a
    well-signed post that is too old, where that matters.
    """

    name: str
    provider: EventProvider
    sample: dict[str, Any]
    body: Callable[[list[dict[str, Any]]], bytes]
    sign: Callable[[bytes, str], Post]
    keys: Callable[..., Keys]
    kind: tuple[str | int, ...]
    secrets: tuple[str, str, str] = ("whs_new", "whs_old", "whs_strange")
    covers_body: bool = True
    batches: bool = True
    registered: bool = True
    stale: Callable[[], Post] | None = None


def post(body: bytes, headers: dict[str, str], url: str = "") -> Post:
    """A request as the edge hands it over: header names in any case."""
    return Post(Headers(list(headers.items())), body, url)


def as_json(events: list[dict[str, Any]]) -> bytes:
    """An array, or the object alone where there is one."""
    return json.dumps(events[0] if len(events) == 1 else events).encode()


def basic(body: bytes, secret: str) -> Post:
    """For services that cannot sign."""
    credentials = b64encode(f"mailrith:{secret}".encode()).decode()
    return post(body, {"authorization": f"Basic {credentials}"})


def ours(*secrets: str) -> Keys:
    """A connection whose own secrets these are."""
    return Keys(secrets)


def theirs(*secrets: str) -> Keys:
    """A connection with these of the service's keys."""
    return Keys(("whs_ours",), secrets)


def find_all() -> list[Case]:
    """Every Case, by the name of its file."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").CASE for name in names]
