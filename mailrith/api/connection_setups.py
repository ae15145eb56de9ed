"""Setup sessions: a program asks, a person types the secrets on a page of ours."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from mailrith.api.answers import Shape
from mailrith.api.bodies import Body
from mailrith.api.callers import caller, nothing
from mailrith.api.connection_shapes import WRITE
from mailrith.api.operations import operation
from mailrith.connections import setups
from mailrith.connections.setups import ConnectionSetup, SetupPurpose, SetupState, Wish
from mailrith.core import config
from mailrith.core.errors import Invalid

ALL = "/email-delivery-connection-setup-sessions"
ONE = f"{ALL}/<uuid:setup_session_id>"


class EmailDeliveryConnectionSetupRequest(Body):
    """What is asked for. Everything but the purpose is a proposal, and `connection_id` is whose sign-in is replaced."""

    purpose: SetupPurpose = SetupPurpose.CREATE
    connection_id: UUID | None = None
    name: str = Field(default="", max_length=120)
    provider: str = ""
    from_email: str = Field(default="", max_length=254)
    from_name: str = Field(default="", max_length=120)


class EmailDeliveryConnectionSetupSession(Shape):
    """Send a person to `setup_url` while `status` is pending, and ask `self` until it is completed or expired."""

    self: str
    id: str
    purpose: SetupPurpose
    status: SetupState
    setup_url: str = ""
    connection_id: str | None
    expires_at: datetime
    completed_at: datetime | None


@operation(
    "startEmailDeliveryConnectionSetup",
    "POST",
    ALL,
    summary="Ask a person to connect a server, or to type another sign-in",
    scopes=(WRITE,),
    body=EmailDeliveryConnectionSetupRequest,
    answer=EmailDeliveryConnectionSetupSession,
    status=201,
    errors=(400, 404, 409),
)
def start(body: EmailDeliveryConnectionSetupRequest) -> EmailDeliveryConnectionSetupSession:
    """The link holds for an hour, for members who may manage connections in this workspace."""
    asking = caller()
    if body.purpose == SetupPurpose.REPLACE:
        if body.connection_id is None:
            raise Invalid("Say whose sign-in is to be replaced.", field="connection_id")
        return shown(setups.ask_for_sign_in(asking.workspace, asking.user, body.connection_id))
    if body.connection_id is not None:
        raise Invalid("Leave it out: a new connection is made.", field="connection_id")
    wish = Wish(body.name, body.provider, body.from_name, body.from_email)
    return shown(setups.ask_for_new(asking.workspace, asking.user, wish))


@operation(
    "getEmailDeliveryConnectionSetup",
    "GET",
    ONE,
    summary="See whether the person has done it",
    scopes=(WRITE,),
    answer=EmailDeliveryConnectionSetupSession,
    errors=(404,),
)
def show(setup_session_id: UUID) -> EmailDeliveryConnectionSetupSession:
    """With `connection_id` once it is completed."""
    return shown(_load(setup_session_id))


@operation(
    "renewEmailDeliveryConnectionSetup",
    "POST",
    f"{ONE}/renew",
    summary="Give the person another hour",
    scopes=(WRITE,),
    answer=EmailDeliveryConnectionSetupSession,
    status=201,
    errors=(404, 409),
)
def renew(setup_session_id: UUID) -> EmailDeliveryConnectionSetupSession:
    """Also for one that has run out. Refused for one that is completed."""
    setup = _load(setup_session_id)
    setups.renew(setup)
    return shown(setup)


def shown(setup: ConnectionSetup) -> EmailDeliveryConnectionSetupSession:
    """The session as a resource; the link only while it leads somewhere."""
    state, connection = setups.state_of(setup), setups.connection_of(setup)
    facts = {}
    if state == SetupState.PENDING:
        slug = caller().workspace.slug
        path = f"/w/{slug}/connections/setups/{setup.public_id}"
        facts["setup_url"] = config.current().public_url + path
    return EmailDeliveryConnectionSetupSession(
        self=f"/v1{ALL}/{setup.public_id}",
        id=str(setup.public_id),
        purpose=setup.purpose,
        status=state,
        connection_id=str(connection.public_id) if connection else None,
        expires_at=setup.expires_at,
        completed_at=setup.completed_at,
        **facts,
    )


def _load(setup_session_id: UUID) -> ConnectionSetup:
    return setups.get(caller().workspace.id, setup_session_id) or nothing()
