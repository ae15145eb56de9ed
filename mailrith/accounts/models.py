"""Who may do what: users, their accounts, workspaces, members, and what they changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.clock import now
from mailrith.core.db import Base, BigKey, Keyed, UtcDateTime, Word


class User(Keyed, UserMixin, Base):
    """A person who signs in. `email` is stored in its natural-key form (see core.addresses.key)."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)  # changes end all sessions
    active: Mapped[bool] = mapped_column(default=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    display_name: Mapped[str] = mapped_column(String(120), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_workspace_id: Mapped[int | None] = mapped_column(BigKey)  # where sign-in leads
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def roles(self) -> list[Any]:
        """Flask-Security asks; permissions live on Member instead."""
        return []

    @roles.setter
    def roles(self, value: list[Any]) -> None: ...

    @property
    def name(self) -> str:
        """What to call the person: the name given, or the part of the address before the @."""
        return self.display_name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class Role(RoleMixin, Base):
    """Required by Flask-Security's datastore; stays empty."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Account(Keyed, Base):
    """What one owner has: workspaces, and delivery connections assigned to them."""

    __tablename__ = "accounts"

    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    # whoever runs the installation: its own domains may stand in their From only
    operator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Workspace(Keyed, Base):
    """A privacy and access boundary. `slug` is its name in addresses and never changes by a rename."""

    __tablename__ = "workspaces"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200), default="")  # postal: street and number
    city: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(120), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(120), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    address_salt: Mapped[bytes] = mapped_column(LargeBinary(16))  # of address fingerprints
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @property
    def postal_lines(self) -> list[str]:
        """The postal address as it is printed in the footer; empty when it is not complete enough to post a letter."""
        if not (self.address and self.city):
            return []
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return [line for line in (self.address, town, self.state, self.country) if line]


class MemberRole(StrEnum):
    """The owner bypasses permissions; a member has those of the row."""

    OWNER = "owner"
    MEMBER = "member"


class Member(Base):
    """A user in a workspace. `permissions` maps an area to "view" or "manage"; absence is no access."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[MemberRole] = mapped_column(Word(MemberRole, 16), default=MemberRole.MEMBER)
    permissions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class AuditEntry(Base):
    """Who changed what, when. Never holds a secret."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_account_id_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    workspace_id: Mapped[int | None] = mapped_column(BigKey)
    user_id: Mapped[int | None] = mapped_column(BigKey)  # None: Mailrith itself
    action: Mapped[str] = mapped_column(String(64))  # for example connection.edited
    subject: Mapped[str] = mapped_column(
        String(200), default=""
    )  # what it was done to, as people call it
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class OwnerLink(Base):
    """A one-time link that makes the first owner of a new installation."""

    __tablename__ = "owner_links"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignUp(Keyed, Base):
    """Somebody who asked for an account and has not confirmed the address yet. Nobody is a user before that.

    Each row has its own password, so a link only ever confirms the password of whoever asked for that link.
    """

    __tablename__ = "sign_ups"

    email: Mapped[str] = mapped_column(String(254), index=True)  # natural key, as in users
    display_name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str] = mapped_column(String(255))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)  # for the newest link
    round: Mapped[int] = mapped_column(default=1)  # which link is the newest; older ones are dead
    answered: Mapped[bool] = mapped_column(default=False, index=True)  # the mail has been written


class ResetRequest(Base):
    """Somebody forgot a password. A job answers, so that the page takes as long for strangers as for members."""

    __tablename__ = "reset_requests"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SystemMail(Base):
    """A mail of the installation itself (confirm, reset, "it finished"), kept until an SMTP server took it."""

    __tablename__ = "system_mails"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(998))
    body_text: Mapped[str] = mapped_column(Text)  # sealed links inside expire by themselves
    body_html: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    last_error: Mapped[str] = mapped_column(String(1024), default="")


class ApiKey(Keyed, Base):
    """A program's way into one workspace. It can do what its scopes say, and never more than the member who made it.

    Of the key itself only a digest is kept: 256 random bits need no salt and no slow hash.
    """

    __tablename__ = "api_keys"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(120))
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)  # names of accounts.scopes
    key_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    preview: Mapped[str] = mapped_column(String(16))  # enough to tell it from the others
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to the hour
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class KeptAnswer(Base):
    """What the API answered to a request with an Idempotency-Key, for the same request sent again.

    Without `status` the first one has not ended: it is at work, or its process died.
    """

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("workspace_id", "key_digest"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    key_digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the Idempotency-Key
    request_digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # of address and body
    status: Mapped[int | None] = mapped_column()
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
