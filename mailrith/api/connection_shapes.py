"""Delivery connections as resources. A password is never among it, a username only for keys that may change it."""

from datetime import datetime

from pydantic import Field

from mailrith.api.answers import Shape
from mailrith.api.bodies import Body
from mailrith.api.callers import caller
from mailrith.connections import by_programs
from mailrith.connections.checks import checking, reports
from mailrith.connections.checks.reports import ShownStep
from mailrith.connections.models import Connection, ConnectionCheck, Provider
from mailrith.connections.trials import TrialResult

HOME = "/v1/email-delivery-connections"
WRITE = "email_delivery_connections:write"


class EmailDeliveryConnectionUpdateRequest(Body):
    """What a program may change. What is left out stays. Server and sign-in are typed on the connection's page."""

    name: str = Field(default="", min_length=1, max_length=120)
    from_email: str = Field(default="", min_length=1, max_length=254)
    from_name: str = Field(default="", max_length=120)


class EmailDeliveryConnectionStatusRequest(Body):
    """Whether mail may leave through it."""

    enabled: bool


class EmailDeliveryConnectionTestRequest(Body):
    """Where the test mail goes."""

    to: str = Field(min_length=1, max_length=254)


class EmailDeliveryProviderPublicConfig(Shape):
    """How the server is reached. `username` is there for keys that may change the connection."""

    host: str
    port: int
    secure_mode: str
    username: str = ""
    has_password: bool


class EmailDeliveryConnection(Shape):
    """A connection. `state` is ready, paused (by Mailrith, then `state_reason` says why) or disabled (by a person)."""

    self: str
    id: str
    name: str
    provider: str
    from_email: str
    from_name: str
    enabled: bool
    state: str
    state_reason: str | None
    verified_at: datetime | None
    provider_config: EmailDeliveryProviderPublicConfig | None
    created_at: datetime
    updated_at: datetime


class VerificationStep(Shape):
    """One step. `result` is pass, fail, run or wait; `server_words` are the server's own.

    Of one that failed, `message` says why and `todo` what helps.
    """

    title: str
    result: str
    text: str
    server_words: str
    duration_ms: int | None
    message: str | None
    todo: list[str]


class EmailDeliveryConnectionVerification(Shape):
    """A Verify. While `status` is waiting, late or running, ask `self` again in a second; `ok` is null until it is done."""

    self: str
    id: str
    connection_id: str
    status: str
    ok: bool | None
    steps: list[VerificationStep]
    created_at: datetime
    finished_at: datetime | None


class EmailDeliveryConnectionTestResult(Shape):
    """What became of a test mail: `type` is sent when the server accepted it, else failed with the cause in plain words."""

    success: bool
    type: str
    message_id: str = Field(serialization_alias="messageId")
    to: str
    duration_ms: int
    server_words: str
    cause: str | None
    message: str | None
    todo: list[str]


def shown(connection: Connection) -> EmailDeliveryConnection:
    """The connection as the caller's key may see it."""
    why = reports.pause_reason(connection)
    return EmailDeliveryConnection(
        self=f"{HOME}/{connection.public_id}",
        id=str(connection.public_id),
        name=connection.name,
        provider=connection.provider.value,
        from_email=connection.from_email,
        from_name=connection.from_name,
        enabled=connection.enabled,
        state=connection.state.value,
        state_reason=why.what if why else None,
        verified_at=connection.verified_at,
        provider_config=_config(connection),
        created_at=connection.created_at,
        updated_at=connection.updated_at,
    )


def shown_check(
    check: ConnectionCheck, connection: Connection
) -> EmailDeliveryConnectionVerification:
    """How far a Verify has come."""
    standing = checking.standing(check)
    done = standing == checking.Standing.DONE
    return EmailDeliveryConnectionVerification(
        self=f"{HOME}/{connection.public_id}/verification",
        id=str(check.public_id),
        connection_id=str(connection.public_id),
        status=standing.value,
        ok=checking.report_of_check(check).ok if done else None,
        steps=[_step(step) for step in reports.steps_of_check(check, connection)],
        created_at=check.created_at,
        finished_at=check.finished_at,
    )


def shown_trial(result: TrialResult) -> EmailDeliveryConnectionTestResult:
    """What became of a test mail."""
    why = result.cause
    return EmailDeliveryConnectionTestResult(
        success=result.ok,
        type="sent" if result.ok else "failed",
        message_id=result.message_id,
        to=result.recipient,
        duration_ms=result.duration_ms,
        server_words=result.words,
        cause=result.cause_key or None,
        message=why.what if why else None,
        todo=list(why.todo) if why else [],
    )


def _config(connection: Connection) -> EmailDeliveryProviderPublicConfig | None:
    if connection.provider == Provider.INSTALLATION:  # the operator's own
        return None
    facts = {
        "host": connection.host,
        "port": connection.port,
        "secure_mode": connection.secure_mode.value,
        "has_password": connection.has_password,
    }
    asking = caller()
    if not asking.lacks((WRITE,)) and asking.may(WRITE):
        facts["username"] = by_programs.username_of(connection)
    return EmailDeliveryProviderPublicConfig(**facts)


def _step(step: ShownStep) -> VerificationStep:
    return VerificationStep(
        title=step.title,
        result=step.result,
        text=step.text,
        server_words=step.said,
        duration_ms=step.ms,
        message=step.why.what if step.why else None,
        todo=list(step.why.todo) if step.why else [],
    )
