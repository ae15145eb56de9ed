"""What people do with a bounce mailbox: set it up, change it, take it away."""

from mailrith.accounts.models import User
from mailrith.connections import assigning, trail
from mailrith.connections.checks import checking
from mailrith.connections.form.sending_rules import sender_problem
from mailrith.connections.mailbox import queries, sign_in
from mailrith.connections.mailbox.models import BounceMailbox
from mailrith.connections.mailbox.values import MailboxValues, cleaned
from mailrith.connections.models import Connection, ConnectionState, Provider
from mailrith.connections.sender_checks import actions as sender_checks
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid

OPERATORS = "Mail of this connection comes back to whoever runs this installation."
_COLUMNS = (
    "protocol",
    "port",
    "secure_mode",
    "ca_certificate",
    "folder",
    "afterwards",
    "move_to",
    "address",
    "tagged",
    "sign_in",
    "oauth_client_id",
    "oauth_token_url",
    "oauth_scope",
)
_FIELDS = (*_COLUMNS, "host", "username")
# Another value here leads to other mails, or to the same ones under other numbers.
_FOLDER = ("protocol", "port", "host", "username", "folder")


def save(connection: Connection, values: MailboxValues, user: User) -> BounceMailbox:
    """Set it up or change it. Whatever moves the sign-in elsewhere needs the password again. Raises Invalid and Forbidden."""
    assigning.check_everywhere(connection, user)
    values = cleaned(values)
    if connection.provider == Provider.INSTALLATION:
        raise Conflict(OPERATORS)
    problem = sender_problem(connection.account_id, values.address, connection.host)
    if problem is not None:
        raise Invalid(problem.sentence, field="address")
    sign_in.check(connection, values)
    mailbox = queries.of(connection.id)
    if mailbox is None:
        return _add(connection, values, user)
    # Compared with the row as it is now: somebody else may have typed another password since the page was read.
    db.session.refresh(mailbox, with_for_update=True)
    changed = [name for name in _FIELDS if getattr(values, name) != getattr(mailbox, name)]
    moved = sign_in.moves(changed)
    sign_in.check_change(mailbox, values, moved=moved)
    if any(name in _FOLDER for name in changed):
        mailbox.uid_validity = mailbox.last_uid = 0
    _fill(mailbox, values, moved=moved)
    if "address" in changed:
        _look_again(connection, user)
    trail.record(connection, "connection.mailbox_edited", user, {"changed": changed})
    return mailbox


def remove(connection: Connection, user: User) -> None:
    """Take it away, with its sign-in. What is stored of its mails stays. Raises Forbidden."""
    assigning.check_everywhere(connection, user)
    if forget(connection.id):
        _look_again(connection, user)
        trail.record(connection, "connection.mailbox_removed", user)


def forget(connection_id: int) -> bool:
    """The same for a connection that goes."""
    mailbox = queries.of(connection_id)
    if mailbox is not None:
        db.session.delete(mailbox)
    return mailbox is not None


def _add(connection: Connection, values: MailboxValues, user: User) -> BounceMailbox:
    sign_in.check_new(values)
    mailbox = BounceMailbox(connection_id=connection.id, trouble={}, trial={})
    for name in _COLUMNS:
        setattr(mailbox, name, getattr(values, name))
    db.session.add(mailbox)
    db.session.flush()  # secrets are sealed for the row's id
    _fill(mailbox, values, moved=True)
    _look_again(connection, user)
    trail.record(connection, "connection.mailbox_added", user)
    return mailbox


def _look_again(connection: Connection, user: User) -> None:
    """Another address stands on every envelope: whether the server takes it, and what SPF says, was found for the one before."""
    sender_checks.ask(connection)
    if connection.verified_at is not None and connection.state == ConnectionState.READY:
        checking.start(connection.id, user)


def _fill(mailbox: BounceMailbox, values: MailboxValues, *, moved: bool) -> None:
    for name in _COLUMNS:
        setattr(mailbox, name, getattr(values, name))
    mailbox.seal("host", values.host)
    sign_in.store(mailbox, values, moved=moved)
    # What was found belongs to the mailbox as it was.
    mailbox.trouble, mailbox.trial, mailbox.failures, mailbox.failing_since = {}, {}, 0, None
    mailbox.next_at, mailbox.busy_until = now(), None
