"""Email delivery connections: somebody's own SMTP server, who may use it, how fast, and what was last seen of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.connections.limits.limited import Limited
from mailrith.connections.token_columns import TokenColumns
from mailrith.core import secrets
from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word


class Provider(StrEnum):
    """Who carries the mail. What Mailrith knows of each is in `presets`."""

    CUSTOM_SMTP = "custom-smtp"
    INSTALLATION = "installation"  # the server that the operator offers to everybody
    AMAZON_SES = "amazon-ses"
    POSTMARK = "postmark"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    RESEND = "resend"
    BREVO = "brevo"
    GMAIL = "gmail"
    MICROSOFT_365 = "microsoft-365"
    ZOHO = "zoho"
    FASTMAIL = "fastmail"
    SPARKPOST = "sparkpost"
    MAILJET = "mailjet"
    SMTP2GO = "smtp2go"
    SCALEWAY = "scaleway"
    MAILERSEND = "mailersend"
    ELASTIC_EMAIL = "elastic-email"
    POSTAL = "postal"
    MAILTRAP = "mailtrap"
    LOCAL_CATCHER = "local-catcher"  # Mailpit, MailHog, MailCatcher, smtp4dev


class SecureMode(StrEnum):
    """When TLS begins."""

    STARTTLS = "starttls"  # required
    TLS = "tls"  # from the first byte
    STARTTLS_IF_OFFERED = "starttls-if-offered"  # whoever stands in between can take it away
    NONE = "none"


class AuthMechanism(StrEnum):
    """How to sign in."""

    AUTOMATIC = "automatic"  # the strongest that the server offers
    PLAIN = "plain"
    LOGIN = "login"
    CRAM_MD5 = "cram-md5"
    XOAUTH2 = "xoauth2"
    NONE = "none"


class MinimumTls(StrEnum):
    """The oldest TLS version that is spoken."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


class ConnectionState(StrEnum):
    """What a connection is for people."""

    READY = "ready"
    PAUSED = "paused"  # by Mailrith
    DISABLED = "disabled"  # by a person


class Connection(Keyed, Limited, TokenColumns, Base):
    """A delivery connection of an account. Secrets are sealed (core.secrets) for "connections:<id>:<column>"."""

    __tablename__ = "connections"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    provider: Mapped[Provider] = mapped_column(Word(Provider, 32), default=Provider.CUSTOM_SMTP)
    name: Mapped[str] = mapped_column(String(120))
    from_name: Mapped[str] = mapped_column(String(120))
    from_email: Mapped[str] = mapped_column(String(254))
    sealed_host: Mapped[bytes | None] = mapped_column(LargeBinary)
    loopback: Mapped[bool] = mapped_column(
        default=False
    )  # whether the host is spelled as this machine
    port: Mapped[int] = mapped_column()
    secure_mode: Mapped[SecureMode] = mapped_column(Word(SecureMode, 24))
    minimum_tls: Mapped[MinimumTls] = mapped_column(Word(MinimumTls, 8), default=MinimumTls.TLS_1_2)
    verify_certificate: Mapped[bool] = mapped_column(default=True)
    ehlo_name: Mapped[str] = mapped_column(String(253), default="")
    auth_mechanism: Mapped[AuthMechanism] = mapped_column(
        Word(AuthMechanism, 16), default=AuthMechanism.AUTOMATIC
    )
    allow_clear_auth: Mapped[bool] = mapped_column(default=False)  # PLAIN and LOGIN without TLS
    # region, message stream, configuration set: what the preset asks for, see `presets`
    provider_options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    sealed_username: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Runs and reports keep pointing at a deleted connection; its secrets are gone.
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # paused by Mailrith itself, until a probe passes or somebody resumes it
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_cause: Mapped[str] = mapped_column(String(64), default="")  # a key of smtp.causes
    pause_words: Mapped[str] = mapped_column(String(1024), default="")  # the server's own
    probe_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # when a paused one is tried next
    probe_failures: Mapped[int] = mapped_column(default=0)
    # webhook secrets, shown on the connection's page; a replaced one holds on until its time
    sealed_hook_path: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_hook_path_old: Mapped[bytes | None] = mapped_column(LargeBinary)
    hook_path_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_hook_signing: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_hook_signing_old: Mapped[bytes | None] = mapped_column(LargeBinary)
    hook_signing_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # whose events are posted there (see `events.sources`; empty is the provider's own), and how to believe and read them
    events_source: Mapped[str] = mapped_column(String(32), default="")
    sealed_events_keys: Mapped[bytes | None] = mapped_column(LargeBinary)  # a JSON list of texts
    events_mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # events.mapping
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # smtp.verify, as data
    certificate_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # as last seen
    last_error: Mapped[str] = mapped_column(String(1024), default="")
    last_error_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # SPF, DKIM and DMARC of the From domain, as data; see `sender_checks`
    sender_report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sender_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dkim_selectors: Mapped[list[str]] = mapped_column(JSON, default=list)  # typed or seen in a mail
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
    def host(self) -> str:
        """The server's name, opened; empty when its key is lost."""
        if self.sealed_host is None:
            return ""
        try:
            return secrets.open_sealed(self.sealed_host, place=f"connections:{self.id}:host")
        except secrets.Unreadable:
            return ""

    @property
    def has_password(self) -> bool:
        """Whether a password is stored. It is never shown."""
        return self.sealed_password is not None


class ConnectionWorkspace(Base):
    """Says that the workspace may send through the connection. The lowest `position` is the workspace's default."""

    __tablename__ = "connection_workspaces"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "connection_id"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)  # ties go by connection_id
    weight: Mapped[int] = mapped_column(
        default=1
    )  # its share where the workspace splits; 0 is none
    # how much of the connection's limits this workspace may use, in per cent; None is all of them
    share: Mapped[int | None] = mapped_column()


class SendingChoice(Base):
    """How a workspace uses its connections. Without a row: the default one alone, and a pause when it is down."""

    __tablename__ = "sending_choices"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    fall_back: Mapped[bool] = mapped_column(default=False)  # to the next one when one is down
    split: Mapped[bool] = mapped_column(default=False)  # over several, by weight
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class ConnectionReputation(Base):
    """How much of what was sent through a connection in the last seven days came back. See `reputation`."""

    __tablename__ = "connection_reputations"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # what the server took, or refused for the recipient's sake; the others are parts of it
    answered: Mapped[int] = mapped_column(default=0)
    bounced: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # somebody took responsibility for what was sent before
    count_from: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CheckState(StrEnum):
    """Where a Verify stands."""

    WAITING = "waiting"  # for a worker
    RUNNING = "running"
    DONE = "done"


class ConnectionCheck(Keyed, Base):
    """One Verify, asked for by a person and done by a worker, which writes each step as it is taken."""

    __tablename__ = "connection_checks"
    __table_args__ = (Index("ix_connection_checks_connection_id_id", "connection_id", "id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    asked_by: Mapped[int | None] = mapped_column(BigKey)
    state: Mapped[CheckState] = mapped_column(Word(CheckState, 12), default=CheckState.WAITING)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # smtp.verify, as data
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConnectionTrial(Keyed, Base):
    """One test mail, what the server said of it, and what its receiver's headers showed."""

    __tablename__ = "connection_trials"
    __table_args__ = (
        Index("ix_connection_trials_connection_id_id", "connection_id", "id"),
        Index("ix_connection_trials_user_id_at", "user_id", "at"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(BigKey)
    recipient: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    duration_ms: Mapped[int | None] = mapped_column()
    cause: Mapped[str] = mapped_column(
        String(64), default=""
    )  # a key of smtp.causes; empty is accepted
    words: Mapped[str] = mapped_column(String(1024), default="")  # the server's own
    proof: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see `sender_checks`
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
