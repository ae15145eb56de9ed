"""A connection's bounce mailbox, and which of its mails are stored."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.connections.models import SecureMode
from mailrith.connections.token_columns import TokenColumns
from mailrith.core import secrets
from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, UtcDateTime, Word


class Protocol(StrEnum):
    """How the mailbox is read."""

    IMAP = "imap"
    POP3 = "pop3"


class SignIn(StrEnum):
    """What signs in."""

    PASSWORD = "password"  # noqa: S105
    TOKEN = "token"  # noqa: S105 - XOAUTH2, with a permission of its own
    SENDING = "sending"  # XOAUTH2, with the permission of its connection


class Afterwards(StrEnum):
    """What happens at the server to a mail that is stored here."""

    KEEP = "keep"  # it stays, marked as read where the protocol knows that
    MOVE = "move"  # into another folder; IMAP only
    DELETE = "delete"


class BounceMailbox(TokenColumns, Base):
    """One for each connection at most. Its sign-in is sealed for this row."""

    __tablename__ = "bounce_mailboxes"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connections.id", ondelete="CASCADE"), unique=True
    )
    protocol: Mapped[Protocol] = mapped_column(Word(Protocol, 8))
    sealed_host: Mapped[bytes | None] = mapped_column(LargeBinary)
    port: Mapped[int] = mapped_column()
    secure_mode: Mapped[SecureMode] = mapped_column(Word(SecureMode, 24))
    sign_in: Mapped[SignIn] = mapped_column(Word(SignIn, 8), default=SignIn.PASSWORD)
    sealed_username: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    folder: Mapped[str] = mapped_column(String(200), default="INBOX")
    afterwards: Mapped[Afterwards] = mapped_column(Word(Afterwards, 8), default=Afterwards.KEEP)
    move_to: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(254))  # what comes back, comes back to it
    tagged: Mapped[bool] = mapped_column(default=True)  # address+anything arrives there too
    # how far an IMAP folder is read: numbers count only as long as its UIDVALIDITY stays (RFC 3501, 2.3.1.1)
    uid_validity: Mapped[int] = mapped_column(BigKey, default=0)
    last_uid: Mapped[int] = mapped_column(BigKey, default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a worker reads it
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # read without trouble
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)  # one after another
    trouble: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # events.mailbox.trouble
    trial: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # events.mailbox.trials
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @property
    def host(self) -> str:
        """The server's name, opened; empty when its key is lost."""
        return self.opened("host")

    @property
    def username(self) -> str:
        """Who signs in; empty when its key is lost."""
        return self.opened("username")

    def opened(self, column: str) -> str:
        """The plain text of a sealed column; empty when there is none, or when its key is lost."""
        sealed: bytes | None = getattr(self, f"sealed_{column}")
        try:
            return secrets.open_sealed(sealed, place=self._place(column)) if sealed else ""
        except secrets.Unreadable:
            return ""

    def seal(self, column: str, plain: str) -> None:
        """Store `plain` in the sealed column; an empty text empties it. The row must have its id."""
        sealed = secrets.seal(plain, place=self._place(column)) if plain else None
        setattr(self, f"sealed_{column}", sealed)

    def _place(self, column: str) -> str:
        return f"bounce_mailboxes:{self.id}:{column}"


class MailboxMail(Base):
    """A mail that is stored, by its SHA-256: read again, after a kill or when numbers start anew, it is known."""

    __tablename__ = "mailbox_mails"
    __table_args__ = (PrimaryKeyConstraint("mailbox_id", "digest"),)

    mailbox_id: Mapped[int] = mapped_column(ForeignKey("bounce_mailboxes.id", ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    uid: Mapped[str] = mapped_column(String(70))  # the server's; of POP3 UIDL's (RFC 1939, 7)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
