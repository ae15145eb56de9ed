"""Delivery connections: seen, renamed, tried, put away. They are made, and their secrets typed, on a page."""

from uuid import UUID

from mailrith.accounts.scopes import LIVE
from mailrith.api import paging
from mailrith.api.answers import Listed
from mailrith.api.callers import caller, nothing
from mailrith.api.connection_shapes import (
    WRITE,
    EmailDeliveryConnection,
    EmailDeliveryConnectionStatusRequest,
    EmailDeliveryConnectionTestRequest,
    EmailDeliveryConnectionTestResult,
    EmailDeliveryConnectionUpdateRequest,
    EmailDeliveryConnectionVerification,
    shown,
    shown_check,
    shown_trial,
)
from mailrith.api.operations import operation
from mailrith.connections import by_programs, queries, trials
from mailrith.connections.checks import checking
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import Invalid

READ = "email_delivery_connections:read"
ALL = "/email-delivery-connections"
ONE = f"{ALL}/<uuid:connection_id>"


@operation(
    "listEmailDeliveryConnections",
    "GET",
    ALL,
    summary="List delivery connections",
    scopes=(READ,),
    answer=EmailDeliveryConnection,
    listed=True,
    parameters=paging.PARAMETERS,
    errors=(400,),
)
def index() -> Listed:
    """Those that the workspace may use, newest first."""
    query = by_programs.of_workspace(caller().workspace.id)
    return paging.listed(query, Connection.id, shown)


@operation(
    "getEmailDeliveryConnection",
    "GET",
    ONE,
    summary="Get a delivery connection",
    scopes=(READ,),
    answer=EmailDeliveryConnection,
    errors=(404,),
)
def show(connection_id: UUID) -> EmailDeliveryConnection:
    """One of them, with how its server is reached. Never a password."""
    return shown(_load(connection_id))


@operation(
    "updateEmailDeliveryConnection",
    "PATCH",
    ONE,
    summary="Rename a delivery connection, or change its sender",
    scopes=(WRITE,),
    body=EmailDeliveryConnectionUpdateRequest,
    answer=EmailDeliveryConnection,
    errors=(400, 404, 409),
)
def update(
    connection_id: UUID, body: EmailDeliveryConnectionUpdateRequest
) -> EmailDeliveryConnection:
    """What is left out stays. Refused while other workspaces use it, and while something is being sent through it."""
    connection = _load(connection_id)
    by_programs.change(connection, body.model_dump(exclude_unset=True), caller().user)
    db.session.flush()
    return shown(connection)


@operation(
    "updateEmailDeliveryConnectionStatus",
    "PUT",
    f"{ONE}/status",
    summary="Enable or disable a delivery connection",
    scopes=(WRITE,),
    body=EmailDeliveryConnectionStatusRequest,
    answer=EmailDeliveryConnection,
    errors=(400, 404, 409),
)
def update_status(
    connection_id: UUID, body: EmailDeliveryConnectionStatusRequest
) -> EmailDeliveryConnection:
    """Disabling is refused while something needs it, with the list of what does."""
    connection = _load(connection_id)
    by_programs.set_enabled(connection, caller().user, enabled=body.enabled)
    db.session.flush()
    return shown(connection)


@operation(
    "verifyEmailDeliveryConnection",
    "POST",
    f"{ONE}/verify",
    summary="Try a delivery connection without sending",
    scopes=(WRITE,),
    answer=EmailDeliveryConnectionVerification,
    errors=(400, 404),
)
def verify(connection_id: UUID) -> EmailDeliveryConnectionVerification:
    """A worker does it step by step. The answer says how far it is; ask its `self` again until it is done."""
    connection = _load(connection_id)
    return shown_check(checking.ask(connection, caller().user), connection)


@operation(
    "getEmailDeliveryConnectionVerification",
    "GET",
    f"{ONE}/verification",
    summary="See how far the last verification is",
    scopes=(READ,),
    answer=EmailDeliveryConnectionVerification,
    errors=(404,),
)
def verification(connection_id: UUID) -> EmailDeliveryConnectionVerification:
    """The newest one, with each step. 404 before the first."""
    connection = _load(connection_id)
    return shown_check(checking.latest(connection) or nothing(), connection)


@operation(
    "testEmailDeliveryConnection",
    "POST",
    f"{ONE}/test",
    summary="Send one test mail",
    scopes=(LIVE, WRITE),
    body=EmailDeliveryConnectionTestRequest,
    answer=EmailDeliveryConnectionTestResult,
    errors=(400, 404, 409),
    idempotency="required",
)
def test(
    connection_id: UUID, body: EmailDeliveryConnectionTestRequest
) -> EmailDeliveryConnectionTestResult:
    """Waits for the server's answer. Limited for each person and each connection."""
    connection = _load(connection_id)
    try:
        trial = trials.prepare(connection, body.to, caller().user)
    except Invalid as error:
        field = "to" if error.field == "recipient" else error.field
        raise Invalid(error.message, field=field) from None
    db.session.commit()  # counted; and nothing waits for the network inside a transaction
    result = trials.send(trial)
    trials.record(trial, result)
    return shown_trial(result)


@operation(
    "deleteEmailDeliveryConnection",
    "DELETE",
    ONE,
    summary="Delete a delivery connection",
    scopes=(WRITE,),
    status=204,
    errors=(404, 409),
)
def delete(connection_id: UUID) -> None:
    """Its secrets go, reports of what it sent stay. Refused while something needs it."""
    by_programs.delete(_load(connection_id), caller().user)


def _load(connection_id: UUID) -> Connection:
    """A connection that this workspace may use."""
    return queries.get(caller().workspace.id, connection_id) or nothing()
