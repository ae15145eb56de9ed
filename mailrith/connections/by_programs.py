"""What a program with an API key may do with a connection: less than a person on its page, and for its own workspace alone.

Server and sign-in are not among it: they are typed on a page. What serves other workspaces too is changed by people only,
because a key belongs to one workspace.
"""

from collections.abc import Mapping

from sqlalchemy import Select, select

from mailrith.accounts.models import User
from mailrith.connections import actions, assigning, credentials
from mailrith.connections.form.values import ConnectionValues, Limits
from mailrith.connections.models import Connection, ConnectionWorkspace, Provider
from mailrith.connections.uses import InUse, in_use_by
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid

CHANGEABLE = ("name", "from_email", "from_name")


class Shared(Conflict):
    """Other workspaces send through it as well."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(
            f"{connection.name} serves other workspaces too, and an API key belongs to one. Change it on its page."
        )


def of_workspace(workspace_id: int) -> Select[Connection]:
    """The connections that the workspace may use."""
    here = select(ConnectionWorkspace.connection_id).where(
        ConnectionWorkspace.workspace_id == workspace_id
    )
    return select(Connection).where(Connection.deleted_at.is_(None), Connection.id.in_(here))


def change(connection: Connection, typed: Mapping[str, str], user: User) -> None:
    """Give some of CHANGEABLE other values. Raises Invalid, Forbidden, Shared, InUse and CredentialsLost."""
    # What stays is compared with the row as it is, so nobody may move the server meanwhile.
    db.session.refresh(connection, with_for_update={"key_share": True})
    _check_own(connection)
    _check_unused(connection)
    if connection.provider == Provider.INSTALLATION and "from_email" in typed:
        raise Invalid("The person who runs Mailrith chose this sender.", field="from_email")
    if any(getattr(connection, name) != value for name, value in typed.items()):
        actions.edit(connection, _as_typed(connection, typed), user)


def set_enabled(connection: Connection, user: User, *, enabled: bool) -> None:
    """Use it, or keep it unused. The same again changes nothing. Raises Shared, InUse, Conflict and Forbidden."""
    _check_own(connection)
    if enabled != connection.enabled:
        (actions.enable if enabled else actions.disable)(connection, user)


def delete(connection: Connection, user: User) -> None:
    """Take it away. Raises Shared, InUse and Forbidden."""
    _check_own(connection)
    actions.delete(connection, user)


def username_of(connection: Connection) -> str:
    """For a key that may change the connection."""
    return credentials.username_or_nothing(connection)


def _check_own(connection: Connection) -> None:
    if len(assigning.assigned(connection)) > 1:
        raise Shared(connection)


def _check_unused(connection: Connection) -> None:
    uses = in_use_by(connection.id)
    if uses:
        raise InUse(connection.name, uses)


def _as_typed(connection: Connection, typed: Mapping[str, str]) -> ConnectionValues:
    """The stored connection as somebody would type it who leaves the secrets alone, but for `typed`."""
    values = {name: getattr(connection, name) for name in CHANGEABLE} | dict(typed)
    return ConnectionValues(
        **values,
        host=credentials.opened(connection, "host"),
        port=connection.port,
        secure_mode=connection.secure_mode,
        username=credentials.opened(connection, "username"),
        password="",
        workspace_ids=frozenset(assigning.assigned(connection)),
        limits=Limits(**{name: getattr(connection, name) for name in Limits._fields}),
        provider=connection.provider,
        provider_options=connection.provider_options,
        minimum_tls=connection.minimum_tls,
        verify_certificate=connection.verify_certificate,
        ca_certificate=connection.ca_certificate,
        ehlo_name=connection.ehlo_name,
        auth_mechanism=connection.auth_mechanism,
        allow_clear_auth=connection.allow_clear_auth,
        oauth_client_id=connection.oauth_client_id,
        oauth_token_url=connection.oauth_token_url,
        oauth_scope=connection.oauth_scope,
    )
