"""Reads of accounts. Everything starts from the person who asks."""

from sqlalchemy import select

from mailrith.accounts.models import Member, Workspace
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
