"""Addresses that must not be mailed in a workspace, kept as fingerprints so that they outlive the subscriber."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, UtcDateTime, Word


class SuppressionReason(StrEnum):
    """Why, strongest first. A stronger reason replaces a weaker one, never the other way round."""

    COMPLAINED = "complained"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    UNSUBSCRIBED = "unsubscribed"
    UNCONFIRMED = "unconfirmed"
    MANUAL = "manual"


class Suppression(Base):
    """One address in one workspace. `email` is absent once its subscriber has been deleted."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("workspace_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(16))  # core.addresses.fingerprint
    email: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[SuppressionReason] = mapped_column(Word(SuppressionReason, 16))
    source: Mapped[str] = mapped_column(String(200), default="")  # in words, for people
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
