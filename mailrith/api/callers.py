"""Whose request it is. Only the Authorization header says so: no cookie, and no workspace in the address."""

from typing import NoReturn

from flask import g, request

from mailrith.accounts import api_keys
from mailrith.accounts.api_keys import Caller
from mailrith.api.problems import (
    BadCredential,
    InsufficientPermission,
    InsufficientScope,
    NoCredential,
)
from mailrith.core.db import db, transaction_mode
from mailrith.core.errors import NotFound

NOTHING = "There is nothing with this id."


def identify() -> Caller:
    """The caller behind the bearer key. Raises NoCredential and BadCredential."""
    header = request.headers.get("Authorization", "")
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise NoCredential
    found = api_keys.caller_with(secret.strip())
    if found is None:
        raise BadCredential
    if not api_keys.is_use_noted(found.key):
        _note_use(found.key.id)
    g.caller = found
    return found


def caller() -> Caller:
    """Who asks. Only inside an operation that is not open to everybody."""
    found: Caller = g.caller
    return found


def check(wanted: tuple[str, ...]) -> None:
    """Raises InsufficientScope, and InsufficientPermission when the key says more than its member may."""
    asking = caller()
    missing = asking.lacks(wanted)
    if missing:
        raise InsufficientScope(list(wanted), missing, asking.key.scopes)
    for scope in wanted:
        if not asking.may(scope):
            raise InsufficientPermission(scope)


def nothing() -> NoReturn:
    """For an id that the workspace does not have, whether it exists elsewhere or not."""
    raise NotFound(NOTHING)


def _note_use(key_id: int) -> None:
    # Once an hour, in a transaction of its own: a GET may not write.
    with transaction_mode(read_only=False):
        api_keys.note_use(key_id)
        db.session.commit()
