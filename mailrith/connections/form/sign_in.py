"""The stored sign-in of a connection: when it has to be typed again, and how it is replaced.

It belongs to one server as it was checked and to one person. Whoever may edit a connection could otherwise have a password
that they never knew sent to a server of their own.
"""

from mailrith.connections import credentials
from mailrith.connections.credentials import Column
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.models import Connection, MinimumTls
from mailrith.core.errors import Invalid

AGAIN = (
    "Type the password again. The stored one belongs to the server and username as they were, "
    "and is never sent to others."
)
AGAIN_TOKEN = (
    "Type the client secret and the refresh token again. "  # noqa: S105
    "The stored ones belong to the sign-in as it was, and are never sent to others."
)
PASSWORD_MISSING = "Type the password that belongs to the username."  # noqa: S105
TOKEN_MISSING = "Paste the refresh token that the service gave you."  # noqa: S105

_TYPED: tuple[Column, ...] = ("password", "oauth_secret", "oauth_refresh")
# Any other value here sends the secret somewhere else, or to the same place with less protection.
_PLACE = (
    "port",
    "secure_mode",
    "verify_certificate",
    "ca_certificate",
    "auth_mechanism",
    "oauth_token_url",
    "oauth_client_id",
)


def moves(connection: Connection, values: ConnectionValues) -> bool:
    """Whether the stored secrets would go to another server, to another person, or with less protection."""
    if any(getattr(values, name) != getattr(connection, name) for name in _PLACE):
        return True
    weaker = values.minimum_tls < MinimumTls(connection.minimum_tls)
    in_clear = values.allow_clear_auth and not connection.allow_clear_auth
    elsewhere = values.host != connection.host
    somebody = values.username != credentials.username_or_nothing(connection)
    return weaker or in_clear or elsewhere or somebody


def types_secret(values: ConnectionValues) -> bool:
    """Whether a new secret was typed."""
    return any(getattr(values, column) for column in _TYPED)


def check_new(values: ConnectionValues) -> None:
    """Refuse a new sign-in without its secret. Raises Invalid."""
    if values.uses_token and not values.oauth_refresh:
        raise Invalid(TOKEN_MISSING, field="oauth_refresh")
    if values.signs_in and not values.uses_token and not values.password:
        raise Invalid(PASSWORD_MISSING, field="password")


def check_change(connection: Connection, values: ConnectionValues, *, moved: bool) -> None:
    """Refuse to keep a secret that moves, or one that is not there. Raises Invalid."""
    if not values.signs_in:
        return
    if not values.uses_token:
        if not values.password and (moved or not connection.has_password):
            raise Invalid(AGAIN, field="password")
        return
    if not values.oauth_refresh and (moved or connection.sealed_oauth_refresh is None):
        raise Invalid(AGAIN_TOKEN, field="oauth_refresh")
    # Some services hand out tokens to an app without a secret.
    if not values.oauth_secret and moved and connection.sealed_oauth_secret is not None:
        raise Invalid(AGAIN_TOKEN, field="oauth_secret")


def store(connection: Connection, values: ConnectionValues, *, moved: bool) -> None:
    """Keep what was typed; after a move nothing of the old sign-in stays. Sessions that are open are not used again."""
    credentials.seal(connection, "username", values.username if values.signs_in else "")
    for column in _TYPED:
        typed: str = getattr(values, column)
        if typed or moved or not values.signs_in:
            credentials.seal(connection, column, typed)
    credentials.seal(connection, "oauth_access", "")
    connection.oauth_access_until = None
    credentials.renew_fingerprint(connection)
    limit_groups.mark(connection)


def is_missing(connection: Connection) -> bool:
    """Whether there is a username without the secret that belongs to it, as in a copy."""
    return connection.sealed_username is not None and not (
        connection.has_password or connection.sealed_oauth_refresh is not None
    )
