"""One operation of the API: what it is called, who may, what it takes and gives. The document and the capabilities read this."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from flask import Blueprint, Response, request

from mailrith.accounts import audit, repeats
from mailrith.accounts.api_keys import Caller
from mailrith.accounts.repeats import Answer
from mailrith.api import answers, bodies, callers, rates, tracing
from mailrith.api.answers import Result, Shape
from mailrith.api.bodies import Body
from mailrith.api.problems import BadCredential, BadIdempotencyKey
from mailrith.core.db import db
from mailrith.core.errors import MailrithError

PREFIX = "/v1"
READING = frozenset({"GET"})

Idempotency = Literal["", "optional", "required"]
View = Callable[..., Result]


@dataclass(frozen=True)
class Operation:
    """`path` is the rule below /v1. `open` ones need no key. `errors` are those besides 401, 403 and 429."""

    id: str
    method: str
    path: str
    summary: str
    view: View
    scopes: tuple[str, ...] = ()
    open: bool = False
    body: type[Body] | None = None
    answer: type[Shape] | None = None
    listed: bool = False
    parameters: tuple[str, ...] = ()
    status: int = 200
    errors: tuple[int, ...] = ()
    idempotency: Idempotency = ""
    max_bytes: int = bodies.MAX_BYTES

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method in READING


OPERATIONS: dict[str, Operation] = {}


def operation(
    name: str, method: str, path: str, *, summary: str, **facts: Any
) -> Callable[[View], View]:
    """Make the function an operation; `facts` are the other fields of Operation. It stays callable as it is."""

    def decorate(view: View) -> View:
        OPERATIONS[name] = Operation(name, method, path, summary, view, **facts)
        return view

    return decorate


def blueprint() -> Blueprint:
    """A blueprint with every operation, below /v1."""
    made = Blueprint("api", __name__, url_prefix=PREFIX)
    tracing.register(made)
    for found in OPERATIONS.values():
        made.add_url_rule(
            found.path,
            endpoint=found.id,
            view_func=_edge(found),
            methods=[found.method],
            provide_automatic_options=False,
            strict_slashes=True,
        )
    return made


def _edge(found: Operation) -> Callable[..., Response]:
    """The same course for every request: who, how often, whether they may, what they send; then the work, and one commit."""

    @wraps(found.view)
    def respond(**path: Any) -> Response:
        if found.open:
            return answers.response(answers.answer(found.view(**path), found.status))
        caller = _caller()
        rates.count()
        callers.check(found.scopes)
        if found.reads:
            return answers.response(answers.answer(found.view(**path), found.status))
        with audit.acting_through(str(caller.key.public_id)):
            return _write(found, path)

    return respond


def _caller() -> Caller:
    try:
        return callers.identify()
    except BadCredential:
        rates.count_refused()
        raise


def _write(found: Operation, path: dict[str, Any]) -> Response:
    raw = bodies.raw(found.max_bytes)
    if found.body is None:
        bodies.nothing_sent(raw)
    else:
        path = path | {"body": bodies.read(found.body, raw)}
    key = _idempotency_key(found)
    if key is None:
        made = answers.answer(found.view(**path), found.status)
        db.session.commit()
        return answers.response(made)
    return _once(found, path, key, raw)


def _once(found: Operation, path: dict[str, Any], key: str, raw: bytes) -> Response:
    """The work, or what came of it when the same request was here before."""
    digest = repeats.digest_of(found.id.encode(), request.full_path.encode(), raw)
    begun = repeats.begin(callers.caller().workspace.id, key, digest)
    if isinstance(begun, Answer):
        db.session.rollback()
        response = answers.response(begun)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    try:
        made = answers.answer(found.view(**path), found.status)
    except MailrithError:  # what a caller did wrong was not done
        db.session.rollback()
        repeats.forget(begun)
        db.session.commit()
        raise
    repeats.end(begun, made)
    db.session.commit()
    return answers.response(made)


def _idempotency_key(found: Operation) -> str | None:
    """The header, where the operation knows it. Raises BadIdempotencyKey."""
    if not found.idempotency:
        return None
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        if found.idempotency == "required":
            raise BadIdempotencyKey(
                "Send the header Idempotency-Key with a new value of your own, such as a UUID. "
                "The same value sent again gives the same answer, and nothing happens twice."
            )
        return None
    if len(key.encode("utf-8", "surrogateescape")) > repeats.LONGEST_KEY:
        raise BadIdempotencyKey(f"An Idempotency-Key has at most {repeats.LONGEST_KEY} bytes.")
    return key
