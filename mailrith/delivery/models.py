"""The ledger: runs, and one delivery for each member of a run's frozen audience."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word


class RunPhase(StrEnum):
    """Where one sending stands."""

    QUEUED = "queued"  # waits for its freeze
    PREPARING = "preparing"  # the audience is being frozen
    SENDING = "sending"
    PAUSED = "paused"
    CANCELING = "canceling"
    FINISHED = "finished"


class Pause(StrEnum):
    """Why a run rests, besides the keys of smtp.causes."""

    PERSON = "person"
    COUNT_GREW = "count_grew"  # more people than the sender agreed to
    HOURLY_LIMIT = "hourly_limit"
    DAILY_LIMIT = "daily_limit"
    MONTHLY_LIMIT = "monthly_limit"
    PUBLIC_URL = "public_url"  # links would lead nowhere
    CONNECTION_OFF = "connection_off"  # disabled or paused
    CONNECTION_GONE = "connection_gone"  # not this workspace's any more
    LETTER = "letter"  # the letter cannot be compiled; the run has ended


# They end by themselves, when enough of what was sent is long enough ago.
LIMITS = (Pause.HOURLY_LIMIT, Pause.DAILY_LIMIT, Pause.MONTHLY_LIMIT)

# The cause of a queued row that a person wants sent again after a doubt. Evidence may still come first.
RESEND = "resend"


class DeliveryState(StrEnum):
    """Of one message to one recipient. `sent` is a 250 from the connection, not "delivered"."""

    QUEUED = "queued"
    SENDING = "sending"  # marked: a final dot may leave
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    CANCELED = "canceled"


class Run(Keyed, Base):
    """One sending of one message to a frozen audience, through one connection."""

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_phase_id", "phase", "id"),
        # Numbers stand in jobs and links: none is given twice.
        {"sqlite_autoincrement": True},
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    source: Mapped[str] = mapped_column(String(16))  # broadcast; later also sequence
    source_public_id: Mapped[UUID | None] = mapped_column()
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    letter: Mapped[dict[str, Any]] = mapped_column(JSON)  # the frozen content, see delivery.letters
    audience: Mapped[dict[str, Any]] = mapped_column(
        JSON
    )  # the frozen choice, see subscribers.audience
    phase: Mapped[RunPhase] = mapped_column(Word(RunPhase, 16), default=RunPhase.QUEUED)
    pause_cause: Mapped[str] = mapped_column(
        String(64), default=""
    )  # person | a key of smtp.causes | ...
    pause_words: Mapped[str] = mapped_column(String(1024), default="")
    confirmed_count: Mapped[int | None] = mapped_column()  # what the sender agreed to
    frozen_count: Mapped[int | None] = mapped_column()
    left_out: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # status -> people
    resume_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a pause that ends by itself
    not_before: Mapped[datetime] = mapped_column(UtcDateTime, default=now)  # end of the undo window
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retry_until: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # deferred mail is given up then


class RunRoute(Base):
    """A connection that carries a part of a run. Each delivery names the one that is to take it, or took it."""

    __tablename__ = "run_routes"
    __table_args__ = (PrimaryKeyConstraint("run_id", "connection_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), index=True)
    weight: Mapped[int] = mapped_column(default=1)
    # when and why it was left; what waited for it went to another
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_cause: Mapped[str] = mapped_column(String(64), default="")  # a key of smtp.causes


class Delivery(Base):
    """One message to one recipient of a run. `lease_*` belong to the worker that claimed it (architecture.md, section 3)."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("run_id", "fingerprint"),
        Index("ix_deliveries_run_id_state_id", "run_id", "state", "id"),
        Index("ix_deliveries_subscriber_id", "subscriber_id"),
        # A claim reads what it takes and nothing else, whatever has been sent and whoever waits for other connections.
        Index(
            "ix_deliveries_queued",
            "run_id",
            "connection_id",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        # On id: a lease in an index would turn each claim into a write to all of them.
        Index(
            "ix_deliveries_sending",
            "id",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_deliveries_deferred",
            "run_id",
            "next_attempt_at",
            sqlite_where=text("state = 'deferred'"),
            postgresql_where=text("state = 'deferred'"),
        ),
        # Each row is rewritten three times on its way: room for the new version beside the old one.
        {"postgresql_with": {"fillfactor": 60}, "sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    # One foreign key: each costs a freeze more than the row itself. The run is of the workspace, and takes all along that it has.
    workspace_id: Mapped[int] = mapped_column(BigKey)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    # Nobody else ever gets the number of a person who was deleted.
    subscriber_id: Mapped[int | None] = mapped_column(BigKey)
    email: Mapped[str] = mapped_column(String(254))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(16))
    state: Mapped[DeliveryState] = mapped_column(
        Word(DeliveryState, 12), default=DeliveryState.QUEUED
    )
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[int | None] = mapped_column(BigInteger)
    lease_until: Mapped[float | None] = mapped_column(
        Float(53)
    )  # database's clock, seconds since 1970
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(
        String(64), default=""
    )  # a key of smtp.causes, or a skip reason
    reply_code: Mapped[int | None] = mapped_column()
    enhanced_status: Mapped[str] = mapped_column(String(12), default="")
    diagnostic: Mapped[str] = mapped_column(String(1024), default="")  # the server's own words
    connection_id: Mapped[int | None] = mapped_column(BigKey)  # which one took it
    decided_by: Mapped[int | None] = mapped_column(BigKey)  # the person who resolved a doubt
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
