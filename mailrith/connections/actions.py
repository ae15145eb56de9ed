"""What people and Mailrith do with connections. Nothing here talks to a server; `probing` does."""

from sqlalchemy import delete as sql_delete
from sqlalchemy import insert

from mailrith.accounts import audit
from mailrith.accounts.models import User
from mailrith.connections import credentials, queries
from mailrith.connections.credentials import HookSecrets, hook_secrets, server_for
from mailrith.connections.form_values import (
    ConnectionValues,
    check_texts,
    moves,
    sender_address,
    start_limits,
)
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.connections.sending_rules import Problem, sendable
from mailrith.connections.uses import InUse, in_use_by
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Forbidden, Invalid
from mailrith.core.network import normalise
from mailrith.smtp.replies import MAX_WORDS

__all__ = ["HookSecrets", "Problem", "hook_secrets", "sendable", "server_for"]

AGAIN = (
    "Type the password again. The stored one belongs to the server and username as they were, "
    "and is never sent to others."
)


def create(account_id: int, values: ConnectionValues, user: User) -> Connection:
    """A new connection of the account. Raises Invalid."""
    check_texts(values)
    _check_name(account_id, values)
    if values.username and not values.password:
        raise Invalid("Type the password that belongs to the username.", field="password")
    connection = Connection(account_id=account_id, created_by=user.id, last_report={})
    _apply(connection, values)
    db.session.add(connection)
    db.session.flush()  # secrets are sealed for the row's id
    _store_host(connection, values)
    _store_sign_in(connection, values)
    credentials.make_hook_secrets(connection)
    _assign(connection, values.workspace_ids, user)
    _record(connection, "connection.created", user)
    return connection


def edit(connection: Connection, values: ConnectionValues, user: User) -> None:
    """Change it. Whatever moves the sign-in elsewhere needs the password again. Raises Invalid and Forbidden."""
    check_texts(values)
    _check_name(connection.account_id, values, besides=connection.id)
    _check_everywhere(connection, user)
    moved = moves(connection, values, credentials.username_or_nothing(connection))
    if values.username and not values.password and (moved or not connection.has_password):
        raise Invalid(AGAIN, field="password")
    changed = _changed(connection, values, moved=moved)
    left_home = connection.loopback and not values.loopback
    _apply(connection, values, careful=left_home)
    _store_host(connection, values)
    if moved or values.password:
        _store_sign_in(connection, values)
        connection.verified_at = None
        connection.last_report = {}
        connection.certificate_until = None
    _assign(connection, values.workspace_ids, user)
    _record(connection, "connection.edited", user, {"changed": changed})


def enable(connection: Connection, user: User) -> None:
    """Let it carry mail again."""
    connection.enabled, connection.disabled_at = True, None
    _record(connection, "connection.enabled", user)


def disable(connection: Connection, user: User) -> None:
    """Keep it, unused. Raises InUse while something needs it, and Forbidden."""
    _check_everywhere(connection, user)
    _check_unused(connection)
    connection.enabled, connection.disabled_at = False, now()
    _record(connection, "connection.disabled", user)


def delete(connection: Connection, user: User) -> None:
    """Take it away, with its secrets. Reports of what it sent stay. Raises InUse and Forbidden."""
    _check_everywhere(connection, user)
    _check_unused(connection)
    for column in credentials.COLUMNS:
        setattr(connection, f"sealed_{column}", None)
    credentials.renew_fingerprint(connection)
    connection.enabled, connection.deleted_at = False, now()
    db.session.execute(
        sql_delete(ConnectionWorkspace).where(ConnectionWorkspace.connection_id == connection.id)
    )
    _record(connection, "connection.deleted", user)


def replace_hook_secrets(connection: Connection, user: User) -> None:
    """New webhook secrets; the old ones stop at once."""
    _check_everywhere(connection, user)
    credentials.make_hook_secrets(connection)
    _record(connection, "connection.webhook_replaced", user)


def pause_connection(connection_id: int, cause: str, words: str = "") -> None:
    """Mailrith stops using it: `cause` is a key of smtp.causes, `words` the server's own. The first cause stays."""
    connection = db.session.get(Connection, connection_id)
    if connection is None or connection.paused_at is not None or connection.deleted_at is not None:
        return
    connection.paused_at = now()
    connection.pause_cause, connection.pause_words = cause, words[:MAX_WORDS]
    _record(connection, "connection.paused", None, {"cause": cause})


def resume_connection(connection: Connection, user: User | None) -> None:
    """Use it again: somebody says so, or Verify passed."""
    if connection.paused_at is None:
        return
    connection.paused_at, connection.pause_cause, connection.pause_words = None, "", ""
    _record(connection, "connection.resumed", user)


def _apply(connection: Connection, values: ConnectionValues, *, careful: bool = False) -> None:
    connection.name = values.name.strip()
    connection.from_name = values.from_name.strip()
    connection.from_email = sender_address(values)
    connection.loopback = values.loopback
    connection.port = values.port
    connection.secure_mode = values.secure_mode
    limits = values.limits or start_limits(values)
    if careful:  # "no limit" was meant for this machine
        start = start_limits(values)
        limits = limits._replace(
            per_second=limits.per_second or start.per_second,
            per_day=limits.per_day or start.per_day,
        )
    connection.max_sessions, connection.per_second, connection.per_day = limits


def _store_host(connection: Connection, values: ConnectionValues) -> None:
    credentials.seal(connection, "host", normalise(values.host) or values.host)


def _store_sign_in(connection: Connection, values: ConnectionValues) -> None:
    credentials.seal(connection, "username", values.username)
    credentials.seal(connection, "password", values.password if values.username else "")
    credentials.renew_fingerprint(connection)


def _assign(connection: Connection, wanted: frozenset[int], user: User) -> None:
    """Set the workspaces, among those where the person may manage connections; the others stay as they are."""
    own = {w.id for w in queries.manageable_workspaces(user.id, connection.account_id)}
    had = {w.id for w in queries.workspaces_of([connection.id])[connection.id]}
    db.session.execute(
        sql_delete(ConnectionWorkspace).where(
            ConnectionWorkspace.connection_id == connection.id,
            ConnectionWorkspace.workspace_id.in_((had & own) - wanted),
        )
    )
    for workspace_id in sorted((wanted & own) - had):
        row = {"workspace_id": workspace_id, "connection_id": connection.id}
        db.session.execute(insert(ConnectionWorkspace).values(row))


def _check_name(account_id: int, values: ConnectionValues, besides: int | None = None) -> None:
    if queries.name_is_taken(account_id, values.name.strip(), besides=besides):
        raise Invalid("Another connection has this name.", field="name")


def _check_everywhere(connection: Connection, user: User) -> None:
    """A change reaches every workspace that uses it, so the person must be allowed to in each."""
    own = {w.id for w in queries.manageable_workspaces(user.id, connection.account_id)}
    if {w.id for w in queries.workspaces_of([connection.id])[connection.id]} - own:
        raise Forbidden(
            "This connection also serves workspaces in which you may not manage connections. Ask their owner."
        )


def _check_unused(connection: Connection) -> None:
    uses = in_use_by(connection.id)
    if uses:
        raise InUse(connection.name, uses)


def _changed(connection: Connection, values: ConnectionValues, *, moved: bool) -> list[str]:
    """Names of the fields that differ, for the audit log. Never their values: a username may be a secret."""
    names = ["name", "from_name", "from_email", "host", "port", "secure_mode"]
    changed = [name for name in names if getattr(values, name) != getattr(connection, name)]
    if moved or values.password:
        changed.append("sign-in")
    return changed


def _record(
    connection: Connection, action: str, user: User | None, details: dict[str, object] | None = None
) -> None:
    audit.record(
        account_id=connection.account_id,
        user_id=user.id if user else None,
        action=action,
        subject=connection.name,
        details={"connection": str(connection.public_id), **(details or {})},
    )
