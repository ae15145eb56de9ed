"""Addresses that must not be mailed in a workspace, kept as fingerprints so that they outlive the subscriber."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, UtcDateTime, Word


class SuppressionReason(StrEnum):
    """Why, strongest first. A stronger reason replaces a weaker one, never the other way round."""

    COMPLAINED = "complained"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    UNSUBSCRIBED = "unsubscribed"
    PROVIDER = "provider"  # on the suppression list of a service that should have sent
    UNCONFIRMED = "unconfirmed"
    MANUAL = "manual"


class Suppression(Base):
    """One address in one workspace. `email` is absent once its subscriber has been deleted."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "fingerprint"),
        Index("ix_suppressions_workspace_id_id", "workspace_id", "id"),
        Index("ix_suppressions_workspace_id_reason_id", "workspace_id", "reason", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(16))  # core.addresses.fingerprint
    email: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[SuppressionReason] = mapped_column(Word(SuppressionReason, 16))
    source: Mapped[str] = mapped_column(String(200), default="")  # in words, for people
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SoftBouncePolicy(Base):
    """When a workspace takes a run of soft bounces for the end of an address. No row: the defaults of `policy`."""

    __tablename__ = "soft_bounce_policies"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    bounces: Mapped[int] = mapped_column()  # one after the other, no delivery between
    days: Mapped[int] = mapped_column()  # from the first to the last, at least
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class ComplaintPolicy(Base):
    """What a complaint does in an account. No row: it stays in the workspace whose mail it is about."""

    __tablename__ = "complaint_policies"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    everywhere: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
