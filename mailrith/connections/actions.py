"""What people and Mailrith do with connections. Nothing here talks to a server; `probing` does."""

from dataclasses import replace

from sqlalchemy import delete as sql_delete

from mailrith.accounts.models import Account, User
from mailrith.connections import assigning, columns, credentials, queries, trail
from mailrith.connections.assigning import check_everywhere
from mailrith.connections.credentials import HookSecrets, hook_secrets, server_for
from mailrith.connections.form import sign_in
from mailrith.connections.form.rules import LONGEST, cleaned
from mailrith.connections.form.sending_rules import Problem, sendable, sender_problem
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.limits import shares
from mailrith.connections.mailbox import actions as mailboxes
from mailrith.connections.models import Connection, ConnectionWorkspace, Provider
from mailrith.connections.offered import NotOffered, offer
from mailrith.connections.standing.pausing import pause_connection, recovered
from mailrith.connections.standing.resuming import NotConfirmed, resume_connection
from mailrith.connections.uses import InUse, in_use_by
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid

__all__ = [
    "HookSecrets",
    "NotConfirmed",
    "Problem",
    "hook_secrets",
    "pause_connection",
    "resume_connection",
    "sendable",
    "server_for",
]


def create(account_id: int, values: ConnectionValues, user: User) -> Connection:
    """A new connection of the account. Raises Invalid, Forbidden and NotOffered."""
    assigning.check_in_account(account_id, user)
    values = _cleaned(values)
    _check(account_id, values, user)
    sign_in.check_new(values)
    connection = Connection(account_id=account_id, created_by=user.id, last_report={})
    columns.fill(connection, values)
    db.session.add(connection)
    db.session.flush()  # secrets are sealed for the row's id
    credentials.seal(connection, "host", values.host)
    sign_in.store(connection, values, moved=True)
    credentials.make_hook_secrets(connection)
    assigning.assign(connection, values.workspace_ids, user)
    shares.change(connection, values.shares or {}, user)
    trail.record(connection, "connection.created", user)
    trail.record_weaknesses(connection, user)
    return connection


def edit(connection: Connection, values: ConnectionValues, user: User) -> None:
    """Change it. Whatever moves the sign-in elsewhere needs its secret again. Raises Invalid, InUse and Forbidden."""
    values = _cleaned(values)
    # Compared with the row as it is now and stays until we are done: a secret that somebody else typed since the page was
    # read would otherwise go where only this form wants to go.
    db.session.flush()
    db.session.refresh(connection, with_for_update={"key_share": True})
    check_everywhere(connection, user)
    _check(connection.account_id, values, user, connection)
    moved = sign_in.moves(connection, values)
    sign_in.check_change(connection, values, moved=moved)
    changed = columns.changed(connection, values)
    if assigning.assign(connection, values.workspace_ids, user):
        changed.append("workspaces")
    if shares.change(connection, values.shares or {}, user):
        changed.append("shares")
    weak, incomplete = trail.weaknesses(connection), sign_in.is_missing(connection)
    columns.fill(connection, values, careful=connection.loopback and not values.loopback)
    credentials.seal(connection, "host", values.host)
    if moved or sign_in.types_secret(values):
        sign_in.store(connection, values, moved=moved)
        changed.append("sign-in")
    if incomplete and not sign_in.is_missing(connection):  # a copy is complete now
        connection.enabled, connection.disabled_at = True, None
    columns.forget_findings(connection, changed)
    trail.record(connection, "connection.edited", user, {"changed": changed})
    trail.record_weaknesses(connection, user, besides=weak)


def duplicate(connection: Connection, user: User) -> Connection:
    """A copy without the secrets, for the same workspaces as far as the person may manage there.

    It stays disabled until its password is typed, or until somebody enables one that needs none. Raises CredentialsLost.
    """
    assigning.check_somewhere(connection, user)
    copy = columns.copied(connection)
    copy.name = _free_name(connection)
    copy.created_by = user.id
    copy.enabled, copy.disabled_at = False, now()
    db.session.add(copy)
    db.session.flush()  # secrets are sealed for the row's id
    credentials.seal(copy, "host", credentials.opened(connection, "host"))
    credentials.seal(copy, "username", credentials.opened(connection, "username"))
    credentials.renew_fingerprint(copy)
    limit_groups.mark(copy)
    credentials.make_hook_secrets(copy)
    assigning.assign(copy, frozenset(assigning.assigned(connection)), user)
    trail.record(copy, "connection.duplicated", user, {"original": str(connection.public_id)})
    trail.record_weaknesses(copy, user)
    return copy


def enable(connection: Connection, user: User) -> None:
    """Let it carry mail again. Raises Conflict for a copy whose password nobody has typed yet, and Forbidden."""
    check_everywhere(connection, user)
    if sign_in.is_missing(connection):
        raise Conflict(f"Type the password of {connection.name} first. A copy begins without it.")
    connection.enabled, connection.disabled_at = True, None
    trail.record(connection, "connection.enabled", user)
    if connection.paused_at is None:
        recovered(connection)


def disable(connection: Connection, user: User) -> None:
    """Keep it, unused. Raises InUse while something needs it, and Forbidden."""
    check_everywhere(connection, user)
    _check_unused(connection)
    connection.enabled, connection.disabled_at = False, now()
    trail.record(connection, "connection.disabled", user)


def delete(connection: Connection, user: User) -> None:
    """Take it away, with its secrets. Reports of what it sent stay. Raises InUse and Forbidden."""
    check_everywhere(connection, user)
    _check_unused(connection)
    for column in credentials.COLUMNS:
        setattr(connection, f"sealed_{column}", None)
    credentials.renew_fingerprint(connection)
    mailboxes.forget(connection.id)
    connection.enabled, connection.deleted_at = False, now()
    db.session.execute(
        sql_delete(ConnectionWorkspace).where(ConnectionWorkspace.connection_id == connection.id)
    )
    trail.record(connection, "connection.deleted", user)


def replace_hook_secrets(connection: Connection, user: User) -> None:
    """New webhook secrets; the old ones stop at once."""
    check_everywhere(connection, user)
    credentials.make_hook_secrets(connection)
    trail.record(connection, "connection.webhook_replaced", user)


def _cleaned(values: ConnectionValues) -> ConnectionValues:
    """As form_rules says; through the operator's server everything is from the operator's address."""
    values = cleaned(values)
    if values.provider != Provider.INSTALLATION:
        return values
    offered = offer()
    if offered is None:
        raise NotOffered
    return replace(values, from_email=offered.from_email)


def _check(
    account_id: int, values: ConnectionValues, user: User, connection: Connection | None = None
) -> None:
    """What needs the database: the name, whose address the sender is, and that an owner leaves certificates unchecked."""
    besides = connection.id if connection else None
    if queries.name_is_taken(account_id, values.name, besides=besides):
        raise Invalid("Another connection has this name.", field="name")
    if values.provider != Provider.INSTALLATION:
        problem = sender_problem(account_id, values.from_email, values.host)
        if problem is not None:
            raise Invalid(problem.sentence, field="from_email")
    accepted = connection is not None and not connection.verify_certificate
    same_server = connection is not None and connection.host == values.host
    if values.verify_certificate or (accepted and same_server):
        return
    if db.session.get_one(Account, account_id).owner_id != user.id:
        raise Invalid(
            "Only the owner of this account may leave a server's certificate unchecked.",
            field="verify_certificate",
        )


def _check_unused(connection: Connection) -> None:
    uses = in_use_by(connection.id)
    if uses:
        raise InUse(connection.name, uses)


def _free_name(connection: Connection) -> str:
    """Like "Northpost (copy)", or the first of "Northpost (copy 2)", ... that is free."""
    number = 1
    while True:
        ending = " (copy)" if number == 1 else f" (copy {number})"
        name = connection.name[: LONGEST["name"] - len(ending)] + ending
        if not queries.name_is_taken(connection.account_id, name):
            return name
        number += 1
