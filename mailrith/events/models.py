"""What came back: raw requests as they arrived, and facts about deliveries that follow from them."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, UtcDateTime, Word


class HookRequestState(StrEnum):
    """What became of a raw request."""

    RECEIVED = "received"
    APPLIED = "applied"
    IGNORED = "ignored"  # understood, and of no use; `note` says why
    FAILED = "failed"  # a mistake of ours stopped it several times; kept for a look


class HookRequest(Base):
    """One verified POST of a provider, stored before anything is parsed."""

    __tablename__ = "hook_requests"
    __table_args__ = (
        Index("ix_hook_requests_state_id", "state", "id"),
        Index("ix_hook_requests_connection_id_id", "connection_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(32), default="")  # who reads it, see `sources`
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    content_type: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[HookRequestState] = mapped_column(
        Word(HookRequestState, 12), default=HookRequestState.RECEIVED
    )
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # one for each item
    note: Mapped[str] = mapped_column(String(300), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HookRequestWorkspace(Base):
    """Says that a request brought something about a mail of this workspace, so that only its people see it."""

    __tablename__ = "hook_request_workspaces"
    __table_args__ = (PrimaryKeyConstraint("workspace_id", "request_id"),)

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    request_id: Mapped[int] = mapped_column(
        ForeignKey("hook_requests.id", ondelete="CASCADE"), index=True
    )


class HookRefusals(Base):
    """What was refused at a connection's webhook since the last request that was taken: how often, and why. Never a body."""

    __tablename__ = "hook_refusals"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int] = mapped_column()
    sentence: Mapped[str] = mapped_column(String(300))


class FactKind(StrEnum):
    """What a provider, a bounce mail or a click says about a delivery. Facts never rewrite what the wire said."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    BLOCK = "block"
    COMPLAINT = "complaint"
    REJECTED = "rejected"
    UNSUBSCRIBED = "unsubscribed"


# What counts against a connection: few among all that were delivered.
BAD_KINDS = text("kind IN ('hard_bounce', 'block', 'complaint')")


class DeliveryFact(Base):
    """One fact, once: `dedupe_key` is the provider's event id, or a digest of what makes it the same fact."""

    __tablename__ = "delivery_facts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "dedupe_key"),
        Index("ix_delivery_facts_workspace_id_occurred_at", "workspace_id", "occurred_at"),
        Index(
            "ix_delivery_facts_bad",
            "recorded_at",
            sqlite_where=BAD_KINDS,
            postgresql_where=BAD_KINDS,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    kind: Mapped[FactKind] = mapped_column(Word(FactKind, 16))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    dedupe_key: Mapped[str] = mapped_column(String(128))
    source: Mapped[str] = mapped_column(String(32))  # webhook, one_click, ...
    enhanced_status: Mapped[str] = mapped_column(String(12), default="")
    diagnostic: Mapped[str] = mapped_column(String(1024), default="")
