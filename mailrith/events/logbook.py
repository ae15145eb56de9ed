"""What was posted to a connection, for people: only what speaks of the mails of workspaces that they may see.

A connection may serve several workspaces, and a request may speak of mails of several. Whoever sees them all sees everything.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update

from mailrith.accounts.models import User
from mailrith.connections import credentials
from mailrith.connections import queries as connections
from mailrith.connections.models import Connection
from mailrith.core import config, queue
from mailrith.core.db import db
from mailrith.core.paging import Page, paginate
from mailrith.events import calling, sources
from mailrith.events.models import HookRequest, HookRequestState, HookRequestWorkspace
from mailrith.events.sources.own import RETURNED_MAIL

PAGE = 25
AT_ONCE = 500  # requests that are read again by one press
DONE = (HookRequestState.APPLIED, HookRequestState.IGNORED, HookRequestState.FAILED)
USELESS = (HookRequestState.IGNORED, HookRequestState.FAILED)

_SECRETS = "token|signature|secret|password|authorization|api_?key|subscribeurl|unsubscribeurl|validation(code|url)"
_NAMED = re.compile(rf'("[\w-]*?(?:{_SECRETS})[\w-]*"\s*:\s*")((?:[^"\\]|\\.)*)', re.IGNORECASE)
_ESCAPED = re.compile(rf'(\\"[\w-]*?(?:{_SECRETS})[\w-]*\\"\s*:\s*\\")(.*?)(?=\\")', re.IGNORECASE)
_FIELD = re.compile(rf"((?:^|&)[\w-]*?(?:{_SECRETS})[\w-]*=)([^&\s]*)", re.IGNORECASE)
MASK = "•••"
# Read by whoever is chosen now. A mail stays a mail, however it came.
_POSTED = {"", *(source.name for source in sources.choices())} - {RETURNED_MAIL}


@dataclass(frozen=True)
class Sight:
    """What somebody may see of a connection: `workspaces`, and whether those are all that it serves."""

    workspaces: frozenset[int]
    everything: bool


def sight(connection: Connection, user: User, *, owns: bool) -> Sight:
    """What the person may see. `owns`: whether the account is theirs."""
    serves = {each.id for each in connections.workspaces_of([connection.id])[connection.id]}
    own = {each.id for each in connections.manageable_workspaces(user.id, connection.account_id)}
    return Sight(frozenset(own), everything=owns or (bool(serves) and serves <= own))


def requests(
    connection: Connection,
    seen: Sight,
    *,
    state: str = "",
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Page[HookRequest]:
    """A page of what arrived, newest first."""
    query = _seen(connection, seen)
    if state in list(HookRequestState):
        query = query.where(HookRequest.state == state)
    return paginate(query, HookRequest.id, size=size, after=after, before=before)


def counts(connection: Connection, seen: Sight) -> dict[str, int]:
    """How many stand in each state."""
    found = _seen(connection, seen).with_only_columns(HookRequest.state, func.count())
    rows = db.session.execute(found.group_by(HookRequest.state))
    return {str(state): count for state, count in rows}


def get(connection: Connection, seen: Sight, request_id: int) -> HookRequest | None:
    """One of them."""
    return db.session.scalar(_seen(connection, seen).where(HookRequest.id == request_id))


def results(request: HookRequest, seen: Sight) -> list[dict[str, Any]]:
    """What became of its events, of those that may be seen."""
    return [
        result
        for result in request.results
        if seen.everything or result.get("workspace") in seen.workspaces
    ]


def may_read_body(request: HookRequest, seen: Sight) -> bool:
    """Whether nothing in the raw body is about the mails of others."""
    return seen.everything


def masked_body(request: HookRequest) -> str:
    """The raw body as text, with what opens something left out: tokens, signatures, our own links and secrets."""
    text = request.body.decode("utf-8", "backslashreplace")
    connection = db.session.get_one(Connection, request.connection_id)
    for secret in _secrets(connection):
        text = text.replace(secret, MASK)
    text = re.sub(
        rf"({re.escape(config.current().public_url)}/\w+/)[^\s\"'<>\\]+", rf"\1{MASK}", text
    )
    for pattern in (_NAMED, _ESCAPED, _FIELD):
        text = pattern.sub(lambda found: found[1] + MASK, text)
    return text


def replay(request: HookRequest) -> bool:
    """Read it again, as whoever is chosen now. Whether it was read before; facts that are known change nothing. The caller commits."""
    connection = db.session.get_one(Connection, request.connection_id)
    return _replay(HookRequest.id == request.id, connection, DONE) == 1


def replay_useless(connection: Connection, seen: Sight) -> int:
    """Read again what was of no use, the newest AT_ONCE. Returns how many. The caller commits."""
    newest = (
        _seen(connection, seen)
        .with_only_columns(HookRequest.id)
        .where(HookRequest.state.in_(USELESS))
        .order_by(HookRequest.id.desc())
        .limit(AT_ONCE)
    )
    return _replay(HookRequest.id.in_(list(db.session.scalars(newest))), connection, USELESS)


def _replay(
    which: ColumnElement[bool], connection: Connection, states: tuple[HookRequestState, ...]
) -> int:
    values = {"state": HookRequestState.RECEIVED, "attempts": 0, "note": "", "applied_at": None}
    ids = db.session.scalars(
        update(HookRequest)
        .where(which, HookRequest.state.in_(states))
        .values(**values)
        .returning(HookRequest.id)
        .execution_options(synchronize_session=False)
    ).all()
    # Somebody may have chosen the right service since.
    db.session.execute(
        update(HookRequest)
        .where(HookRequest.id.in_(ids), HookRequest.source.in_(_POSTED))
        .values(source=sources.of(connection).name)
        .execution_options(synchronize_session=False)
    )
    if ids:
        queue.enqueue(calling.JOB, queue=queue.EVENTS)
    return len(ids)


def _seen(connection: Connection, seen: Sight) -> Select[HookRequest]:
    query = select(HookRequest).where(HookRequest.connection_id == connection.id)
    if seen.everything:
        return query
    return query.where(
        exists().where(
            HookRequestWorkspace.request_id == HookRequest.id,
            HookRequestWorkspace.workspace_id.in_(seen.workspaces),
        )
    )


def _secrets(connection: Connection) -> list[str]:
    held = credentials.hook_secrets(connection)
    found = (
        held.path_secret,
        held.signing_secret,
        held.old_path_secret,
        held.old_signing_secret,
    )
    return [secret for secret in found if secret]
