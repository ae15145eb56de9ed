"""What a single message is besides its run and deliveries: how it was asked for, who stands where, and its bytes."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core import secrets
from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word
from mailrith.delivery.runs import sources

SOURCE = sources.MESSAGE  # of their runs
GIVE_UP_AFTER = timedelta(
    hours=48
)  # as for broadcasts, but counted from the request, whatever it waits for


class Priority(StrEnum):
    """How a mail program marks it. It changes nothing about the order in which mail leaves."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Role(StrEnum):
    """Where a recipient stands. Nobody sees who is in bcc."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"


class Message(Keyed, Base):
    """One accepted message. Its run holds the phase, its run's deliveries what became of each recipient."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_workspace_id_id", "workspace_id", "id"),
        # Numbers bind sealed contents to their rows: none is given twice.
        {"sqlite_autoincrement": True},
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), unique=True)
    call_id: Mapped[UUID] = mapped_column(index=True)  # those that were asked for together
    stop_on_error: Mapped[bool] = mapped_column(default=False)  # the first refusal ends the call
    from_email: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(255), default="")
    subject: Mapped[str] = mapped_column(String(998))
    priority: Mapped[Priority] = mapped_column(Word(Priority, 8), default=Priority.NORMAL)
    message_id: Mapped[str] = mapped_column(String(320))  # without brackets
    size_bytes: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def give_up_at(self) -> datetime:
        """Nobody gets it after that."""
        return self.created_at + GIVE_UP_AFTER


class MessageRecipient(Base):
    """Says where the recipient of a delivery stands in the message's header."""

    __tablename__ = "message_recipients"

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[Role] = mapped_column(Word(Role, 4))


class MessageContent(Base):
    """The composed bytes, until everybody is done. Sealed: a reset link is as good as a password while it works."""

    __tablename__ = "message_contents"

    id: Mapped[int] = mapped_column(
        BigKey,
        ForeignKey("messages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    sealed_content: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def of(cls, message: Message, content: bytes) -> "MessageContent":
        """The row for a message that has its id. `content` is UTF-8: an address may be (RFC 6532)."""
        place = f"message_contents:{message.id}:content"
        return cls(id=message.id, sealed_content=secrets.seal(content.decode(), place=place))

    def opened(self) -> bytes:
        """The bytes. Raises core.secrets.Unreadable."""
        place = f"message_contents:{self.id}:content"
        return secrets.open_sealed(self.sealed_content, place=place).encode()
