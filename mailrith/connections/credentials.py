"""Usernames, passwords and webhook secrets of a connection: sealed for their row, opened only to speak to the server."""

import json
import secrets as random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from mailrith.connections import offered
from mailrith.connections.models import AuthMechanism, Connection, Provider, SecureMode
from mailrith.connections.models import MinimumTls as TlsVersion
from mailrith.connections.oauth import AccessTokens
from mailrith.core import config, secrets
from mailrith.core.clock import now
from mailrith.core.errors import Conflict
from mailrith.core.network import Policy
from mailrith.smtp.server import Auth, MinimumTls, Security, Server, Timeouts

Column = Literal[
    "host",
    "username",
    "password",
    "oauth_secret",
    "oauth_refresh",
    "oauth_access",
    "hook_path",
    "hook_path_old",
    "hook_signing",
    "hook_signing_old",
    "events_keys",
]
COLUMNS: tuple[Column, ...] = get_args(Column)

HOOK_PATH_BYTES = 16  # 128 bits in the address
HOOK_SIGNING_BYTES = 24
OVERLAP = timedelta(hours=72)  # a replaced secret holds on, so that no event is lost meanwhile
HookSecret = Literal["path", "signing"]


class CredentialsLost(Conflict):
    """The key that sealed them is not in the ring any more."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(
            f"The stored sign-in of {connection.name} cannot be opened any more, because its key is gone. "
            "Type the username and password again, or ask the person who runs Mailrith to bring the key back."
        )


@dataclass(frozen=True)
class HookSecrets:
    """What opens the webhook endpoint, and what signs a request to it; the old ones are empty once they do not hold any more.

    service_keys: what the service shows, the newest first: a public key, a signing key, a topic.
    """

    path_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)
    old_path_secret: str = field(default="", repr=False)
    old_signing_secret: str = field(default="", repr=False)
    service_keys: tuple[str, ...] = field(default=(), repr=False)


def seal(connection: Connection, column: Column, plain: str) -> None:
    """Store `plain` in the sealed column; an empty text empties it. The row must have its id."""
    sealed = secrets.seal(plain, place=_place(connection, column)) if plain else None
    setattr(connection, f"sealed_{column}", sealed)


def opened(connection: Connection, column: Column) -> str:
    """The plain text of the sealed column, or an empty text. Raises CredentialsLost."""
    sealed: bytes | None = getattr(connection, f"sealed_{column}")
    if sealed is None:
        return ""
    try:
        return secrets.open_sealed(sealed, place=_place(connection, column))
    except secrets.Unreadable:
        raise CredentialsLost(connection) from None


def username_or_nothing(connection: Connection) -> str:
    """The username for showing; nothing when its key is lost."""
    try:
        return opened(connection, "username")
    except CredentialsLost:
        return ""


def renew_fingerprint(connection: Connection) -> None:
    """Sessions that were opened before this are not used again. Random, so that it says nothing about the password."""
    connection.credential_fingerprint = random.token_hex(16)


def make_hook_secrets(connection: Connection) -> None:
    """New secrets for the webhook; the old ones stop at once."""
    for which in get_args(HookSecret):
        seal(connection, _hook_columns(which)[0], _random_hook_secret(which))
        end_old_hook_secret(connection, which)


def rotate_hook_secret(connection: Connection, which: HookSecret) -> None:
    """A new one; the one before it holds on for OVERLAP. Raises CredentialsLost."""
    current, old = _hook_columns(which)
    seal(connection, old, opened(connection, current))
    seal(connection, current, _random_hook_secret(which))
    setattr(connection, f"hook_{which}_until", now() + OVERLAP)


def end_old_hook_secret(connection: Connection, which: HookSecret) -> None:
    """The one before the last rotation stops now."""
    seal(connection, _hook_columns(which)[1], "")
    setattr(connection, f"hook_{which}_until", None)


def seal_service_keys(connection: Connection, keys: tuple[str, ...]) -> None:
    """Store what the service shows for checking its events."""
    seal(connection, "events_keys", json.dumps(keys) if keys else "")


def hook_secrets(connection: Connection) -> HookSecrets:
    """The webhook's secrets; empty ones, which open nothing, before they were made. Raises CredentialsLost."""
    moment = now()
    return HookSecrets(
        opened(connection, "hook_path"),
        opened(connection, "hook_signing"),
        _if_held(connection, "path", moment),
        _if_held(connection, "signing", moment),
        tuple(json.loads(opened(connection, "events_keys") or "[]")),
    )


def server_for(
    connection: Connection, *, workspace_id: int = 0, timeouts: Timeouts | None = None
) -> Server:
    """The server to speak to, with its credentials. Asks no network. Raises CredentialsLost and NotOffered.

    Sessions are kept for later use only under their `workspace_id`, and only until the credentials change.
    """
    return replace(
        _offered(timeouts)
        if connection.provider == Provider.INSTALLATION
        else _own(connection, timeouts),
        messages_per_session=connection.messages_per_session,
        owner=f"{workspace_id}:{connection.id}:{connection.credential_fingerprint}",
    )


def _offered(timeouts: Timeouts | None) -> Server:
    ca_certificates = config.current().ca or None
    return replace(offered.server(timeouts or Timeouts()), ca_certificates=ca_certificates)


def _own(connection: Connection, timeouts: Timeouts | None) -> Server:
    settings = config.current()
    security: Security = SecureMode(connection.secure_mode).value
    auth: Auth = AuthMechanism(connection.auth_mechanism).value
    minimum_tls: MinimumTls = TlsVersion(connection.minimum_tls).value
    return Server(
        host=opened(connection, "host"),
        port=connection.port,
        security=security,
        username=opened(connection, "username"),
        password=opened(connection, "password"),
        auth=auth,
        tokens=AccessTokens(connection.id) if uses_token(connection) else None,
        allow_clear_auth=connection.allow_clear_auth,
        timeouts=timeouts or Timeouts(),
        minimum_tls=minimum_tls,
        verify_certificate=connection.verify_certificate,
        ca_certificates=connection.ca_certificate + settings.ca or None,
        ehlo_name=connection.ehlo_name or None,
        policy=Policy.of(settings),
    )


def uses_token(connection: Connection) -> bool:
    """Whether it may sign in with OAuth."""
    chosen = connection.auth_mechanism == AuthMechanism.XOAUTH2
    return chosen or connection.sealed_oauth_refresh is not None


def _hook_columns(which: HookSecret) -> tuple[Column, Column]:
    """Of the secret, and of the one before it."""
    if which == "path":
        return "hook_path", "hook_path_old"
    return "hook_signing", "hook_signing_old"


def _random_hook_secret(which: HookSecret) -> str:
    if which == "path":
        return random.token_urlsafe(HOOK_PATH_BYTES)
    return f"whs_{random.token_urlsafe(HOOK_SIGNING_BYTES)}"


def _if_held(connection: Connection, which: HookSecret, moment: datetime) -> str:
    until: datetime | None = getattr(connection, f"hook_{which}_until")
    return opened(connection, _hook_columns(which)[1]) if until and until > moment else ""


def _place(connection: Connection, column: Column) -> str:
    return f"connections:{connection.id}:{column}"
