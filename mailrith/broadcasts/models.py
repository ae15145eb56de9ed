"""Broadcasts: one message to an audience, as people write and schedule it. The sending itself is a delivery.models.Run."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word


class BroadcastStatus(StrEnum):
    """As people see it; the run has finer phases."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


# What may still be thrown away, as nobody got it.
DELETABLE = frozenset({BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED, BroadcastStatus.FAILED})

SUBJECT_CHARS = 998  # RFC 5322, 2.1.1
PREVIEW_CHARS = 300


class Broadcast(Keyed, Base):
    """The subject is its title. `version` counts edits, so that two windows do not overwrite each other."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index("ix_broadcasts_workspace_id_id", "workspace_id", "id"),
        Index("ix_broadcasts_status_scheduled_at", "status", "scheduled_at"),
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    created_by: Mapped[int | None] = mapped_column(BigKey)  # users.id
    subject: Mapped[str] = mapped_column(String(998), default="")
    preview_text: Mapped[str] = mapped_column(String(300), default="")
    markdown: Mapped[str] = mapped_column(Text, default="")  # as typed
    body_document: Mapped[dict[str, Any]] = mapped_column(JSON)  # content.document, made from it
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connections.id", ondelete="SET NULL"), index=True
    )
    reply_to_email: Mapped[str] = mapped_column(String(254), default="")
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # subscribers.audience
    status: Mapped[BroadcastStatus] = mapped_column(
        Word(BroadcastStatus, 12), default=BroadcastStatus.DRAFT
    )
    scheduled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of a draft: the plan
    scheduled_by: Mapped[int | None] = mapped_column(BigKey)  # users.id: who sent or scheduled it
    confirmed_count: Mapped[int | None] = mapped_column()  # the number agreed to when scheduling
    late: Mapped[bool] = mapped_column(default=False)  # missed its hour; asks before it goes out
    late_words: Mapped[str] = mapped_column(String(500), default="")  # why, for people
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("runs.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def title(self) -> str:
        """What people call it: its subject."""
        return self.subject.strip() or "No subject yet"

    @property
    def editable(self) -> bool:
        """Whether its letter and audience may change."""
        return self.status == BroadcastStatus.DRAFT

    @property
    def deletable(self) -> bool:
        """Whether it may be deleted: nobody got it."""
        return self.status in DELETABLE
