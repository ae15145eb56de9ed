"""Access tokens for XOAUTH2: kept sealed until they run out, and got anew with the refresh token (RFC 6749, section 6).

They belong to a row: a connection, or a bounce mailbox with a permission of its own (`token_columns`). Everything here happens outside
of the caller's session, in short transactions of its own, none of which is open while the network is asked. Only one process at
a time asks for a row's token: services that give a new refresh token with
every answer take a second use of the old one for theft.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import Engine, inspect, select, update

from mailrith.connections.models import Connection
from mailrith.connections.token_columns import TokenColumns
from mailrith.core import config, outbound, queue, secrets
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.network import Lookup, Policy
from mailrith.smtp.replies import clean_words
from mailrith.smtp.server import NoToken

EARLY = timedelta(minutes=5)  # a token is not used so shortly before its end: clocks differ
USUAL_LIFE = timedelta(minutes=30)  # of a token that does not say how long it lives
LONGEST_LIFE = timedelta(days=30)
WAIT_SECONDS = outbound.SECONDS + 1  # for another process that asks for the same token
ALONE_SECONDS = 2 * outbound.SECONDS  # a process that died holds the others up no longer

# RFC 6749, section 5.2
_ERRORS = {
    "invalid_grant": "token_refused",
    "invalid_client": "token_client_refused",
    "unauthorized_client": "token_request_refused",
    "invalid_request": "token_request_refused",
    "invalid_scope": "token_request_refused",
    "unsupported_grant_type": "token_request_refused",
}


@dataclass(frozen=True)
class Permission:
    """What is stored in a row, opened."""

    client_id: str
    token_url: str
    scope: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    access_until: datetime | None
    ca_certificate: str = field(repr=False)
    fingerprint: str  # of the credentials; another one means that a person has changed them

    def good(self, refused: str) -> bool:
        """Whether the stored access token can be used, and is not the one that was `refused`."""
        until = self.access_until
        fresh = until is not None and until - EARLY > now()
        return bool(self.access_token) and fresh and self.access_token != refused


@dataclass(frozen=True)
class Granted:
    """What the service gave. `refresh_token` is empty when the old one stays."""

    access_token: str = field(repr=False)
    until: datetime
    refresh_token: str = field(default="", repr=False)


class AccessTokens:
    """The tokens of one row, usually a connection, as `TokenSource`. Made where an app context is."""

    def __init__(
        self, row_id: int, holder: type[TokenColumns] = Connection, *, lookup: Lookup | None = None
    ) -> None:
        self._row_id, self._holder = row_id, holder
        self._lookup = lookup
        self._engine: Engine = db.engine

    async def token(self, *, refused: str = "") -> str | NoToken:
        """A token that should work now; another one than `refused`."""
        stored = await asyncio.to_thread(self._stored)
        if isinstance(stored, NoToken) or stored.good(refused):
            return stored if isinstance(stored, NoToken) else stored.access_token
        async with _alone(f"{self._holder.__tablename__}:{self._row_id}"):
            stored = await asyncio.to_thread(self._stored)  # somebody else may just have been
            if isinstance(stored, NoToken) or stored.good(refused):
                return stored if isinstance(stored, NoToken) else stored.access_token
            granted = await ask(stored, lookup=self._lookup)
            if isinstance(granted, NoToken):
                return granted
            # Shielded: a service that has given a new refresh token does not take the old one again.
            await asyncio.shield(asyncio.to_thread(self._keep, stored, granted))
            return granted.access_token

    def _stored(self) -> Permission | NoToken:
        found = select(inspect(self._holder).local_table).where(self._holder.id == self._row_id)
        with self._engine.connect() as line:
            row = line.execute(found).mappings().one_or_none()
        if row is None or not (row["oauth_token_url"] and row["sealed_oauth_refresh"]):
            return NoToken("token_missing")
        try:
            return Permission(
                client_id=row["oauth_client_id"],
                token_url=row["oauth_token_url"],
                scope=row["oauth_scope"],
                client_secret=self._opened(row, "oauth_secret"),
                refresh_token=self._opened(row, "oauth_refresh"),
                access_token=self._opened(row, "oauth_access"),
                access_until=row["oauth_access_until"],
                ca_certificate=row["ca_certificate"],
                fingerprint=row["credential_fingerprint"],
            )
        except secrets.Unreadable:
            return NoToken("credentials_lost")

    def _keep(self, stored: Permission, granted: Granted) -> None:
        """Store what was given, unless a person has changed the credentials meanwhile."""
        holder = self._holder
        values: dict[str, Any] = {
            "sealed_oauth_access": self._sealed("oauth_access", granted.access_token),
            "oauth_access_until": granted.until,
            "updated_at": holder.updated_at,  # nobody has edited it
        }
        if granted.refresh_token:
            values["sealed_oauth_refresh"] = self._sealed("oauth_refresh", granted.refresh_token)
        same = holder.credential_fingerprint == stored.fingerprint
        with self._engine.begin() as line:
            line.execute(update(holder).where(holder.id == self._row_id, same).values(values))

    def _opened(self, row: Any, column: str) -> str:
        sealed = row[f"sealed_{column}"]
        return secrets.open_sealed(sealed, place=self._place(column)) if sealed else ""

    def _sealed(self, column: str, plain: str) -> bytes:
        return secrets.seal(plain, place=self._place(column))

    def _place(self, column: str) -> str:
        return f"{self._holder.__tablename__}:{self._row_id}:{column}"


async def ask(permission: Permission, *, lookup: Lookup | None = None) -> Granted | NoToken:
    """Ask the service for a new access token."""
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": permission.refresh_token,
        "client_id": permission.client_id,
        "client_secret": permission.client_secret,
        "scope": permission.scope,
    }
    answer = await outbound.post_form(
        permission.token_url,
        {name: value for name, value in fields.items() if value},
        policy=Policy.of(config.current()),
        ca_certificates=permission.ca_certificate + config.current().ca,
        lookup=lookup,
    )
    if isinstance(answer, outbound.NoAnswer):
        cause = "token_host_refused" if answer.reason == "refused" else "token_unreachable"
        return NoToken(cause, answer.words)
    return _granted(answer) if answer.ok else _refusal(answer, permission)


def _granted(answer: outbound.Answer) -> Granted | NoToken:
    said = _said(answer)
    token, kind = said.get("access_token"), said.get("token_type", "Bearer")
    # VSCHAR (RFC 6749, A.12): anything else could end the field it stands in.
    printable = isinstance(token, str) and token.isascii() and token.isprintable() and token
    if not printable or not isinstance(kind, str) or kind.lower() != "bearer":
        return NoToken("token_unreadable")
    refresh = said.get("refresh_token")
    return Granted(
        str(token),
        now() + _life(said.get("expires_in")),
        refresh if isinstance(refresh, str) else "",
    )


def _life(seconds: object) -> timedelta:
    with suppress(TypeError, ValueError, OverflowError):
        return min(timedelta(seconds=int(str(seconds))), LONGEST_LIFE)
    return USUAL_LIFE


def _refusal(answer: outbound.Answer, permission: Permission) -> NoToken:
    """The error in plain words (RFC 6749, section 5.2), without the secrets that a service may repeat."""
    said = _said(answer)
    error, why = str(said.get("error", "")), str(said.get("error_description", ""))
    if answer.status == 429 or answer.status >= 500:
        return NoToken("token_unreachable", f"HTTP {answer.status}")
    cause = _ERRORS.get(error) or ("token_client_refused" if answer.status == 401 else "")
    if not cause:
        return NoToken("token_unreadable", f"HTTP {answer.status}")
    words = f"{error}: {why}" if why else error
    for secret in (permission.client_secret, permission.refresh_token):
        words = words.replace(secret, "...") if secret else words
    return NoToken(cause, clean_words(words))


def _said(answer: outbound.Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


@asynccontextmanager
async def _alone(row: str) -> AsyncIterator[None]:
    """Hold the others back meanwhile, in all processes. Whoever waited too long, or finds no queue server, goes on."""
    lock = queue.connect().lock(
        f"mailrith:oauth:{row}",
        timeout=ALONE_SECONDS,
        blocking_timeout=WAIT_SECONDS,
        thread_local=False,
    )
    held = False
    with suppress(redis.RedisError):
        held = await asyncio.to_thread(lock.acquire)
    try:
        yield
    finally:
        with suppress(redis.RedisError):  # also when it ran out
            if held:
                await asyncio.to_thread(lock.release)
