"""Setup sessions: a program asks for a connection or for a new sign-in, and a person types the secrets on a page.

No secret ever goes through the API. The link is worth nothing without a sign-in that may manage connections here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.accounts import audit
from mailrith.accounts.models import User, Workspace
from mailrith.connections import assigning, queries
from mailrith.connections.by_programs import Shared
from mailrith.connections.form.rules import LONGEST
from mailrith.connections.models import Connection, Provider
from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word, db
from mailrith.core.errors import Conflict, Forbidden, Invalid, NotFound

OPEN = timedelta(hours=1)
KEPT = timedelta(days=30)


class SetupPurpose(StrEnum):
    """What the person is asked for."""

    CREATE = "create"
    REPLACE = "replace_credentials"


class SetupState(StrEnum):
    """Where a session stands."""

    PENDING = "pending"
    COMPLETED = "completed"
    EXPIRED = "expired"


class ConnectionSetup(Keyed, Base):
    """One session. `connection_id` is the one that gets another sign-in, or the one that was made."""

    __tablename__ = "connection_setups"
    __table_args__ = (Index("ix_connection_setups_workspace_id_id", "workspace_id", "id"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    asked_by: Mapped[int | None] = mapped_column(BigKey)
    purpose: Mapped[SetupPurpose] = mapped_column(Word(SetupPurpose, 24))
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE")
    )
    # the sign-in as it was: another one means that it was typed
    fingerprint: Mapped[str] = mapped_column(String(32), default="")
    provider: Mapped[str] = mapped_column(String(32), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    from_name: Mapped[str] = mapped_column(String(120), default="")
    from_email: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Wish:
    """What a program proposes. Empty is left to the person."""

    name: str = ""
    provider: str = ""
    from_name: str = ""
    from_email: str = ""

    def checked(self) -> "Wish":
        """The same. Raises Invalid."""
        known = {one.value for one in Provider} - {Provider.INSTALLATION.value}
        if self.provider and self.provider not in known:
            raise Invalid(f"Known are {', '.join(sorted(known))}.", field="provider")
        for field, longest in (
            ("name", LONGEST["name"]),
            ("from_name", LONGEST["from_name"]),
            ("from_email", 254),
        ):
            text = getattr(self, field)
            if len(text) > longest or not text.isprintable():
                raise Invalid(f"One line of at most {longest} characters.", field=field)
        return self


def ask_for_new(workspace: Workspace, user: User, wish: Wish) -> ConnectionSetup:
    """Ask a person to make a connection. Raises Invalid and Forbidden."""
    assigning.check_in_account(workspace.account_id, user)
    return _begin(workspace, user, SetupPurpose.CREATE, wish.checked())


def ask_for_sign_in(workspace: Workspace, user: User, public_id: UUID) -> ConnectionSetup:
    """Ask a person to type another sign-in. Raises NotFound, Shared and Forbidden."""
    connection = queries.get(workspace.id, public_id)
    if connection is None:
        raise NotFound("There is nothing with this id.")
    assigning.check_everywhere(connection, user)
    if len(assigning.assigned(connection)) > 1:
        raise Shared(connection)
    made = _begin(workspace, user, SetupPurpose.REPLACE, Wish(name=connection.name))
    made.connection_id = connection.id
    made.fingerprint = connection.credential_fingerprint
    return made


def renew(setup: ConnectionSetup) -> None:
    """Another hour, also for one that has run out. Raises Conflict for one that is completed."""
    if state_of(setup) == SetupState.COMPLETED:
        raise Conflict("This setup is completed. Start another one.")
    setup.expires_at = now() + OPEN


def finish(setup: ConnectionSetup, connection: Connection, user: User) -> None:
    """Name the connection that was made for it. Raises Conflict and Forbidden."""
    assigning.check_somewhere(connection, user)
    if setup.purpose != SetupPurpose.CREATE or state_of(setup) != SetupState.PENDING:
        raise Conflict("This setup is over. The program has to start another one.")
    if setup.workspace_id not in assigning.assigned(connection):
        raise Forbidden("This connection does not serve the workspace that asked.")
    setup.connection_id, setup.completed_at = connection.id, now()
    workspace = db.session.get_one(Workspace, setup.workspace_id)
    _note("connection.setup_finished", workspace, user, setup, connection.name)


def get(workspace_id: int, public_id: UUID) -> ConnectionSetup | None:
    """A session of the workspace."""
    return db.session.scalar(
        select(ConnectionSetup).where(
            ConnectionSetup.workspace_id == workspace_id, ConnectionSetup.public_id == public_id
        )
    )


def connection_of(setup: ConnectionSetup) -> Connection | None:
    """Whose sign-in is asked for, or what was made; None before that, and when the workspace lost it."""
    if setup.connection_id is None:
        return None
    return queries.get_by_id(setup.workspace_id, setup.connection_id)


def state_of(setup: ConnectionSetup) -> SetupState:
    """Where it stands now. Another sign-in is seen by itself."""
    if setup.completed_at is not None or _was_typed(setup):
        return SetupState.COMPLETED
    return SetupState.EXPIRED if setup.expires_at <= now() else SetupState.PENDING


def _was_typed(setup: ConnectionSetup) -> bool:
    if setup.purpose != SetupPurpose.REPLACE:
        return False
    connection = connection_of(setup)
    return connection is not None and connection.credential_fingerprint != setup.fingerprint


def _begin(workspace: Workspace, user: User, purpose: SetupPurpose, wish: Wish) -> ConnectionSetup:
    db.session.execute(
        delete(ConnectionSetup).where(
            ConnectionSetup.workspace_id == workspace.id,
            ConnectionSetup.expires_at < now() - KEPT,
        )
    )
    setup = ConnectionSetup(
        workspace_id=workspace.id,
        asked_by=user.id,
        purpose=purpose,
        expires_at=now() + OPEN,
        **vars(wish),
    )
    db.session.add(setup)
    db.session.flush()
    _note("connection.setup_asked", workspace, user, setup, wish.name)
    return setup


def _note(action: str, workspace: Workspace, user: User, setup: ConnectionSetup, name: str) -> None:
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user.id,
        action=action,
        subject=name,
        details={"setup": str(setup.public_id), "purpose": setup.purpose.value},
    )
