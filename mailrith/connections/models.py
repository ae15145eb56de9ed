"""Email delivery connections: somebody's own SMTP server, who may use it, how fast, and what was last seen of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, Keyed, UtcDateTime, Word
from mailrith.core.network import is_loopback_host


class Provider(StrEnum):
    """Who carries the mail."""

    CUSTOM_SMTP = "custom-smtp"


class SecureMode(StrEnum):
    """When TLS begins."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class ConnectionState(StrEnum):
    """What a connection is for people."""

    READY = "ready"
    PAUSED = "paused"  # by Mailrith
    DISABLED = "disabled"  # by a person


class Connection(Keyed, Base):
    """A delivery connection of an account. Secrets are sealed (core.secrets) for "connections:<id>:<column>"."""

    __tablename__ = "connections"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    provider: Mapped[Provider] = mapped_column(Word(Provider, 32), default=Provider.CUSTOM_SMTP)
    name: Mapped[str] = mapped_column(String(120))
    from_name: Mapped[str] = mapped_column(String(120))
    from_email: Mapped[str] = mapped_column(String(254))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int] = mapped_column()
    secure_mode: Mapped[SecureMode] = mapped_column(Word(SecureMode, 16))
    sealed_username: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    credential_fingerprint: Mapped[str] = mapped_column(
        String(32), default=""
    )  # keys session pools
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Runs and reports keep pointing at a deleted connection; its secrets are gone.
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # paused by Mailrith itself, until somebody resumes it
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_cause: Mapped[str] = mapped_column(String(64), default="")  # a key of smtp.causes
    pause_words: Mapped[str] = mapped_column(String(1024), default="")  # the server's own
    # limits; None is no limit
    max_sessions: Mapped[int] = mapped_column(default=2)
    per_second: Mapped[int | None] = mapped_column()
    per_day: Mapped[int | None] = mapped_column()
    messages_per_session: Mapped[int] = mapped_column(default=1000)
    # webhook secrets, shown on the connection's page
    sealed_hook_path: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_hook_signing: Mapped[bytes | None] = mapped_column(LargeBinary)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # smtp.verify, as data
    certificate_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as last seen
    last_error: Mapped[str] = mapped_column(String(1024), default="")
    created_by: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @property
    def state(self) -> ConnectionState:
        """What it is for people."""
        if not self.enabled:
            return ConnectionState.DISABLED
        return ConnectionState.PAUSED if self.paused_at else ConnectionState.READY

    @property
    def loopback(self) -> bool:
        """Whether its server is this machine, by its spelling."""
        return is_loopback_host(self.host)

    @property
    def has_password(self) -> bool:
        """Whether a password is stored. It is never shown."""
        return self.sealed_password is not None


class ConnectionWorkspace(Base):
    """Says that the workspace may send through the connection."""

    __tablename__ = "connection_workspaces"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "connection_id"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), index=True
    )
