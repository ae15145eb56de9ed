"""API keys for tests."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from mailrith.accounts import api_keys
from mailrith.accounts.api_keys import NewKey
from mailrith.accounts.models import Member, User, Workspace
from mailrith.accounts.permissions import can
from mailrith.accounts.scopes import READ_AND_WRITE
from mailrith.core.db import db
from tests.support.factories import _count


def key_for(
    workspace: Workspace, user: User, scopes: Iterable[str] = READ_AND_WRITE, **changes: Any
) -> NewKey:
    """A key of this member. Whoever may make none gets the permission for as long as it takes."""
    member = db.session.scalars(
        select(Member).where(Member.workspace_id == workspace.id, Member.user_id == user.id)
    ).one()
    before = member.permissions
    if not can(member, "integrations", "manage"):
        member.permissions = before | {"integrations": "manage"}
    made = api_keys.make(
        workspace, member, wanted=scopes, **{"name": f"Program {next(_count)}"} | changes
    )
    member.permissions = before
    db.session.commit()
    return made
