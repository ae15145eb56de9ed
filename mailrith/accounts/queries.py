"""Reads of accounts. Everything starts from the person who asks."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select

from mailrith.accounts.models import (
    Account,
    Member,
    OwnerLink,
    ResetRequest,
    SignUp,
    SystemMail,
    User,
    Workspace,
)
from mailrith.core import tokens
from mailrith.core.clock import now
from mailrith.core.db import db


def member_of(user_id: int, slug: str) -> tuple[Member, Workspace] | None:
    """The membership and workspace behind an address, or None for strangers and for nothing alike."""
    row = db.session.execute(
        select(Member, Workspace)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Member.user_id == user_id, Workspace.slug == slug)
    ).first()
    return (row[0], row[1]) if row else None


def workspaces_of(user_id: int) -> list[Workspace]:
    """Every workspace the person is in, by name."""
    return list(
        db.session.scalars(
            select(Workspace)
            .join(Member, Member.workspace_id == Workspace.id)
            .where(Member.user_id == user_id)
            .order_by(Workspace.name, Workspace.id)
        )
    )


def workspace_named(slug: str) -> Workspace | None:
    """For the operator's command line, which asks on nobody's behalf."""
    return db.session.scalar(select(Workspace).where(Workspace.slug == slug))


def account_of(user_id: int) -> Account | None:
    """The account that this person owns, if there is one yet."""
    return db.session.scalar(select(Account).where(Account.owner_id == user_id))


def owner_of(account_id: int) -> User | None:
    """Who owns the account; mails about it go there."""
    return db.session.scalar(
        select(User).join(Account, Account.owner_id == User.id).where(Account.id == account_id)
    )


def owner_of_workspace(workspace_id: int) -> User | None:
    """Who owns the account of this workspace."""
    return db.session.scalar(
        select(User)
        .join(Account, Account.owner_id == User.id)
        .join(Workspace, Workspace.account_id == Account.id)
        .where(Workspace.id == workspace_id)
    )


def user_with_email(email_key: str) -> User | None:
    """The user with this natural key (core.addresses.key)."""
    return db.session.scalar(select(User).where(User.email == email_key))


def user_numbered(user_id: int) -> User | None:
    """The user behind a key that a signed link carried."""
    return db.session.get(User, user_id)


def any_user() -> bool:
    """Whether somebody can sign in to this installation at all."""
    return bool(db.session.scalar(select(exists().where(User.id > 0))))


def slug_taken(slug: str) -> bool:
    """Whether another workspace has this name in addresses."""
    return bool(db.session.scalar(select(exists().where(Workspace.slug == slug))))


def newest_sign_up(email_key: str, *, within: timedelta) -> SignUp | None:
    """The last request for an account with this address, if it is young enough."""
    return db.session.scalar(
        select(SignUp)
        .where(SignUp.email == email_key, SignUp.created_at > now() - within)
        .order_by(SignUp.id.desc())
        .limit(1)
    )


def sign_up(public_id: UUID) -> SignUp | None:
    """The request with this id, which only the browser that made it knows."""
    return db.session.scalar(select(SignUp).where(SignUp.public_id == public_id))


def sign_up_numbered(sign_up_id: int) -> SignUp | None:
    """The request behind a key that a signed link carried."""
    return db.session.get(SignUp, sign_up_id)


def unanswered_sign_ups(limit: int = 200) -> list[int]:
    """Keys of requests whose mail has not been written, oldest first."""
    return list(
        db.session.scalars(
            select(SignUp.id).where(SignUp.answered.is_(False)).order_by(SignUp.id).limit(limit)
        )
    )


def unanswered_resets(limit: int = 200) -> list[int]:
    """Keys of people who wait for a reset link, oldest first."""
    return list(db.session.scalars(select(ResetRequest.id).order_by(ResetRequest.id).limit(limit)))


def due_system_mails(limit: int = 200) -> list[int]:
    """Keys of mails whose turn has come, oldest first."""
    return list(
        db.session.scalars(
            select(SystemMail.id)
            .where(SystemMail.next_attempt_at <= now())
            .order_by(SystemMail.id)
            .limit(limit)
        )
    )


def usable_owner_link(token: str) -> OwnerLink | None:
    """The unused, unexpired one-time link with this secret."""
    return db.session.scalar(
        select(OwnerLink).where(
            OwnerLink.token_digest == tokens.digest("owner-link", token),
            OwnerLink.used_at.is_(None),
            OwnerLink.expires_at > now(),
        )
    )
