"""People of a workspace, their tags, how they agreed, what happened to them, and the imports that brought them."""

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
)
from sqlalchemy.orm import Mapped, mapped_column, validates
from sqlalchemy.types import TypeEngine

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word

NAME_CHARS = 200
TAG_CHARS = 80


def ByBytes(length: int) -> TypeEngine[str]:  # noqa: N802 - reads as a column type
    """Text that is compared byte by byte on both engines, so that an index serves "begins with"."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class SubscriberStatus(StrEnum):
    """Only Active receives marketing mail."""

    ACTIVE = "Active"
    UNCONFIRMED = "Unconfirmed"
    UNSUBSCRIBED = "Unsubscribed"
    COMPLAINED = "Complained"
    BOUNCED = "Bounced"
    BLOCKED = "Blocked"


class Subscriber(Keyed, Base):
    """One address in one workspace."""

    __tablename__ = "subscribers"
    __table_args__ = (
        UniqueConstraint("workspace_id", "email_key"),
        Index("ix_subscribers_workspace_id_fingerprint", "workspace_id", "fingerprint"),
        Index("ix_subscribers_workspace_id_status_id", "workspace_id", "status", "id"),
        Index("ix_subscribers_workspace_id_id", "workspace_id", "id"),
        Index("ix_subscribers_workspace_id_name_key", "workspace_id", "name_key"),
        # A number that is given twice would let an old link or job touch somebody else.
        {"sqlite_autoincrement": True},
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))  # as written, domain in lower case
    email_key: Mapped[str] = mapped_column(ByBytes(300))  # core.addresses.key
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    name_key: Mapped[str] = mapped_column(ByBytes(600), default="")  # casefolded, for search
    status: Mapped[SubscriberStatus] = mapped_column(
        Word(SubscriberStatus, 16), default=SubscriberStatus.ACTIVE
    )
    status_changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    status_reason: Mapped[str] = mapped_column(String(200), default="")  # in words, for people
    # Bounced, and only for a run of soft bounces: everything that is known for sure replaces it.
    soft_bounced: Mapped[bool] = mapped_column(default=False)
    subscribed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @validates("name")
    def _key_the_name(self, key: str, name: str) -> str:
        self.name_key = name.casefold()
        return name

    @property
    def mailable(self) -> bool:
        """Whether marketing mail may go there, suppression aside."""
        return self.status == SubscriberStatus.ACTIVE


class Tag(Keyed, Base):
    """A word that a workspace puts on people."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name_key"),
        # An audience remembers numbers: a deleted tag's number must never mean another tag.
        {"sqlite_autoincrement": True},
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(240))  # casefolded
    description: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SubscriberTag(Base):
    """Says that the person has the tag."""

    __tablename__ = "subscriber_tags"
    __table_args__ = (
        PrimaryKeyConstraint("tag_id", "subscriber_id"),
        Index("ix_subscriber_tags_subscriber_id", "subscriber_id"),
    )

    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))


class Consent(Base):
    """How somebody agreed to be mailed: basis, where and when, and who says so."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    basis: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(512))
    collected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(BigKey)  # users.id
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class TimelineEntry(Base):
    """Something that happened to a subscriber. `kind` is past tense: imported, tagged, unsubscribed, bounced."""

    __tablename__ = "timeline_entries"
    __table_args__ = (Index("ix_timeline_entries_subscriber_id_id", "subscriber_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class ImportState(StrEnum):
    """Where an import stands."""

    PENDING = "Pending"  # uploaded, not yet mapped
    CHECKING = "Checking"  # mapped and consented; a job reads every row and writes nothing
    READY = "Ready"  # checked, not started
    QUEUED = "Queued"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"


class Import(Keyed, Base):
    """One file of subscribers, from upload to result. Counts are rows of the file, the header not counted."""

    __tablename__ = "imports"
    __table_args__ = ({"sqlite_autoincrement": True},)

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    created_by: Mapped[int | None] = mapped_column(BigKey)  # users.id
    file_name: Mapped[str] = mapped_column(String(200))  # shown only, never a path
    storage_key: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int] = mapped_column(BigKey)
    state: Mapped[ImportState] = mapped_column(Word(ImportState, 16), default=ImportState.PENDING)
    dialect: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # see subscribers.files.Layout
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # target -> column index
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)  # names, given to everybody
    consent: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict
    )  # basis, source, collected_at
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    left_alone: Mapped[int] = mapped_column(default=0)  # people who left, bounced or are blocked
    refused: Mapped[int] = mapped_column(default=0)
    findings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see subscribers.checking
    attempts: Mapped[int] = mapped_column(default=0)  # of the batch at hand, by whatever worker
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    error_message: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pulse_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last sign of the job's life


class ImportRefusal(Base):
    """A row that was not taken, and why, in words. `outcome` is "refused" or "left_alone"."""

    __tablename__ = "import_refusals"
    __table_args__ = (Index("ix_import_refusals_import_id_id", "import_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    row_number: Mapped[int] = mapped_column()  # line of the file, the header is row 1
    outcome: Mapped[str] = mapped_column(String(12), default="refused")
    value: Mapped[str] = mapped_column(String(254))  # what stood in the e-mail column
    name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(300))
