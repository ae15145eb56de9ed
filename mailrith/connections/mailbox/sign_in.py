"""The sign-in of a bounce mailbox: when it has to be typed again, how it is replaced, and where that of the connection may go.

As with a connection (`connections.form.sign_in`), a secret belongs to one server as it was checked and to one person.
"""

import secrets as random
from collections.abc import Collection

from mailrith.connections import credentials
from mailrith.connections.form.sign_in import AGAIN, AGAIN_TOKEN, TOKEN_MISSING
from mailrith.connections.mailbox.models import BounceMailbox, SignIn
from mailrith.connections.mailbox.values import MailboxValues
from mailrith.connections.models import Connection
from mailrith.connections.sender_checks.domains import organisational
from mailrith.core.errors import Invalid
from mailrith.core.network import literal_address

PASSWORD_MISSING = "Type the password of the mailbox."  # noqa: S105
NO_TOKEN = "This connection does not send with OAuth. Choose another sign-in."  # noqa: S105
ELSEWHERE = (
    "What signs in for sending is shown to the same service only, and this server is none of its. "
    "Check its name, or choose OAuth with a token of its own."
)

_TYPED = ("password", "oauth_secret", "oauth_refresh")
# Any other value here sends the secret somewhere else, or to the same place with less protection.
_PLACE = (
    "protocol",
    "port",
    "secure_mode",
    "ca_certificate",
    "host",
    "username",
    "sign_in",
    "oauth_client_id",
    "oauth_token_url",
)


def moves(changed: Collection[str]) -> bool:
    """Whether the stored secrets would go to another server or person, when these columns change."""
    return any(name in _PLACE for name in changed)


def check(connection: Connection, values: MailboxValues) -> None:
    """Refuse the connection's own sign-in where it may not go. Raises Invalid."""
    if values.sign_in != SignIn.SENDING:
        return
    if not credentials.uses_token(connection):
        raise Invalid(NO_TOKEN, field="sign_in")
    if not may_share(connection, values.host):
        raise Invalid(ELSEWHERE, field="host")


def may_share(connection: Connection, host: str) -> bool:
    """Whether the connection's tokens may be shown to `host`: only to the service that it sends with.

    Whoever may edit a mailbox could otherwise have tokens that they never knew sent to a server of their own.
    """
    own = connection.host
    return credentials.uses_token(connection) and bool(own) and _service(own) == _service(host)


def check_new(values: MailboxValues) -> None:
    """Refuse a new sign-in without its secret. Raises Invalid."""
    if values.sign_in == SignIn.PASSWORD and not values.password:
        raise Invalid(PASSWORD_MISSING, field="password")
    if values.sign_in == SignIn.TOKEN and not values.oauth_refresh:
        raise Invalid(TOKEN_MISSING, field="oauth_refresh")


def check_change(mailbox: BounceMailbox, values: MailboxValues, *, moved: bool) -> None:
    """Refuse to keep a secret that moves, or one that is not there. Raises Invalid."""
    if values.sign_in == SignIn.PASSWORD:
        if not values.password and (moved or mailbox.sealed_password is None):
            raise Invalid(AGAIN, field="password")
    elif values.sign_in == SignIn.TOKEN:
        if not values.oauth_refresh and (moved or mailbox.sealed_oauth_refresh is None):
            raise Invalid(AGAIN_TOKEN, field="oauth_refresh")
        # Some services hand out tokens to an app without a secret.
        if not values.oauth_secret and moved and mailbox.sealed_oauth_secret is not None:
            raise Invalid(AGAIN_TOKEN, field="oauth_secret")


def store(mailbox: BounceMailbox, values: MailboxValues, *, moved: bool) -> None:
    """Keep what was typed; after a move nothing of the old sign-in stays. The row must have its id."""
    mailbox.seal("username", values.username)
    for column in _TYPED:
        typed: str = getattr(values, column)
        if typed or moved:
            mailbox.seal(column, typed)
    mailbox.seal("oauth_access", "")
    mailbox.oauth_access_until = None
    mailbox.credential_fingerprint = random.token_hex(16)


def _service(host: str) -> str:
    return host if literal_address(host) else organisational(host)
