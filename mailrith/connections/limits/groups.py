"""Which connections a mail service counts as one: those that sign in at the same server as the same user.

They share their limits. In one account the server and the user decide; across accounts the secret has to be the same as
well, so that nobody joins the count of strangers by typing their user name. What is compared are keyed fingerprints: neither
a server nor a user nor a secret is opened for it, and who may not see a connection never learns that there is one.
The operator's server is counted for each account alone: its limits are the accounts' own.
"""

import hmac
from collections.abc import Iterable

from sqlalchemy import select, update

from mailrith.connections import credentials, presets
from mailrith.connections.limits.limited import FINGERPRINT_CHARS
from mailrith.connections.models import Connection, Provider
from mailrith.core import config, tokens
from mailrith.core.db import db

_USE = "limit group"
# What everybody types as the user of a service, though a preset does not fix it (Mailtrap's bulk stream, for one).
_WORDS = frozenset({"api", "apikey"})


def mark(connection: Connection) -> None:
    """Write its fingerprints, after a change of its sign-in. What cannot be opened keeps those it has."""
    try:
        connection.login_mark, connection.secret_mark = _marks(connection)
    except credentials.CredentialsLost:
        return


def refresh(connection: Connection) -> bool:
    """The same for one from before there were fingerprints, or after the oldest key was dropped. Whether that was so.

    The caller commits.
    """
    try:
        login, secret = _marks(connection)
    except credentials.CredentialsLost:
        return False
    if (login, secret) == (connection.login_mark, connection.secret_mark):
        return False
    db.session.execute(
        update(Connection)
        .where(Connection.id == connection.id)
        .values(login_mark=login, secret_mark=secret, updated_at=Connection.updated_at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(connection, ["login_mark", "secret_mark"])
    return True


def members(connection: Connection) -> tuple[int, ...]:
    """The ids of all that are counted together with it, itself among them, in order. Asks nothing for one without a user."""
    if not connection.login_mark:
        return (connection.id,)
    rows = db.session.execute(
        select(Connection.id, Connection.account_id, Connection.secret_mark).where(
            Connection.login_mark == connection.login_mark,
            Connection.deleted_at.is_(None),
        )
    )
    others = {id_: (account, secret) for id_, account, secret in rows if id_ != connection.id}
    return tuple(sorted(_reached(connection, others)))


def shown(connection: Connection, visible: Iterable[Connection]) -> tuple[list[str], bool]:
    """(the names of those that share its limits, among those whose names may be told; whether there are others)."""
    ids = set(members(connection)) - {connection.id}
    names = {one.id: one.name for one in visible if one.id in ids}
    return sorted(names.values(), key=str.casefold), len(names) < len(ids)


def _reached(connection: Connection, others: dict[int, tuple[int, str]]) -> set[int]:
    """Whom it is connected with directly, or through others: two with one account, or with one secret, belong together."""
    found, border = {connection.id}, [(connection.account_id, connection.secret_mark)]
    while border:
        account, secret = border.pop()
        for id_, (other, mark_) in others.items():
            if id_ not in found and (other == account or (secret and mark_ == secret)):
                found.add(id_)
                border.append((other, mark_))
    return found


def _marks(connection: Connection) -> tuple[str, str]:
    """(of server and user, of these and the secret); empty ones where nobody signs in. Raises CredentialsLost."""
    user = credentials.opened(connection, "username")
    if not user or connection.provider == Provider.INSTALLATION:
        return "", ""
    host = credentials.opened(connection, "host")
    secret = credentials.opened(connection, "password") or credentials.opened(
        connection, "oauth_refresh"
    )
    place = (host, user.casefold())
    # Where everybody signs in with one word, the key alone says whose account it is.
    login = (*place, secret) if _same_for_all(connection, host, user) else place
    return _fingerprint("login", *login), _fingerprint("secret", *place, secret) if secret else ""


def _same_for_all(connection: Connection, host: str, user: str) -> bool:
    preset = presets.at_host(host) or presets.of(Provider(connection.provider))
    fixed = preset.username.fixed if preset.username else ""
    return user in _WORDS or user == fixed


def _fingerprint(*texts: str) -> str:
    """Under the oldest key of the ring: new keys are put before it and change nothing."""
    key = tokens.derive(config.current().keys[-1], _USE)
    message = "\0".join(f"{len(text)}:{text}" for text in texts)
    return hmac.digest(key, message.encode(), "sha256").hex()[:FINGERPRINT_CHARS]
