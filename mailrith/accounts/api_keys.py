"""API keys: made, shown once, found by what a request carries, revoked. The edges commit."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, func, or_, select, update

from mailrith.accounts import audit, scopes
from mailrith.accounts.models import ApiKey, Member, User, Workspace
from mailrith.accounts.permissions import can
from mailrith.core import tokens
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Forbidden, Invalid

PREFIX = "mrk_"
RANDOM_BYTES = 32  # cannot be guessed, so a fast digest is enough
LONGEST_NAME = 120
USED_WITHIN = timedelta(hours=1)  # how exact "last used" is: a request must not cost a write
LONGEST_KEY = 200  # characters that are looked at; ours have 47

_DIGEST = "api-key"


class KeyState(StrEnum):
    """What a key is for people."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class NewKey:
    """A key that was just made. `secret` is nowhere else, and never again."""

    row: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Caller:
    """Who a key stands for: the member who made it, in one workspace."""

    key: ApiKey
    workspace: Workspace
    member: Member
    user: User

    def lacks(self, wanted: Iterable[str]) -> list[str]:
        """The scopes among `wanted` that the key does not have."""
        return [name for name in wanted if name not in self.key.scopes]

    def may(self, name: str) -> bool:
        """Whether the member still has the permission that this scope stands for."""
        scope = scopes.SCOPES[name]
        return not scope.area or can(self.member, scope.area, scope.level)


def make(
    workspace: Workspace,
    member: Member,
    *,
    name: str,
    wanted: Iterable[str],
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key. Raises Invalid and Forbidden."""
    _check_member(workspace, member)
    clean = _clean_name(workspace, name)
    chosen = scopes.known(wanted)
    if not chosen:
        raise Invalid("Choose at least one thing that the key may do.", field="scopes")
    if expires_at is not None and expires_at <= now():
        raise Invalid("This day is over. Choose a later one.", field="expires_on")
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    row = ApiKey(
        workspace_id=workspace.id,
        made_by=member.user_id,
        name=clean,
        scopes=chosen,
        key_digest=tokens.digest(_DIGEST, secret),
        preview=f"{PREFIX}…{secret[-4:]}",
        expires_at=expires_at,
    )
    db.session.add(row)
    db.session.flush()
    _note("api_key.created", workspace, row, member, scopes=chosen)
    return NewKey(row, secret)


def revoke(workspace: Workspace, key: ApiKey, member: Member) -> None:
    """It opens nothing from now on. A second time changes nothing. Raises Forbidden."""
    _check_member(workspace, member)
    if key.workspace_id != workspace.id:
        raise Forbidden("This key belongs to another workspace.")
    if key.revoked_at is None:
        key.revoked_at = now()
        _note("api_key.revoked", workspace, key, member)


def keys_of(workspace_id: int) -> list[tuple[ApiKey, User | None]]:
    """The workspace's keys with who made each, newest first."""
    rows = db.session.execute(
        select(ApiKey, User)
        .outerjoin(User, User.id == ApiKey.made_by)
        .where(ApiKey.workspace_id == workspace_id)
        .order_by(ApiKey.id.desc())
    )
    return [(key, user) for key, user in rows]


def get(workspace_id: int, public_id: UUID) -> ApiKey | None:
    """A key of the workspace."""
    return db.session.scalar(
        select(ApiKey).where(ApiKey.workspace_id == workspace_id, ApiKey.public_id == public_id)
    )


def caller_with(secret: str) -> Caller | None:
    """Who the key stands for. None for one that is unknown, revoked or expired, or whose member has left: never which."""
    if not secret.startswith(PREFIX) or len(secret) > LONGEST_KEY:
        return None
    found = db.session.execute(
        select(ApiKey, Workspace, Member, User)
        .join(Workspace, Workspace.id == ApiKey.workspace_id)
        .join(
            Member,
            (Member.workspace_id == ApiKey.workspace_id) & (Member.user_id == ApiKey.made_by),
        )
        .join(User, User.id == Member.user_id)
        .where(
            ApiKey.key_digest == tokens.digest(_DIGEST, secret),
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
            User.active,
        )
    ).first()
    return Caller(*found) if found else None


def state_of(key: ApiKey) -> KeyState:
    """Where it stands now."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    ended = key.expires_at is not None and key.expires_at <= now()
    return KeyState.EXPIRED if ended else KeyState.ACTIVE


def is_use_noted(key: ApiKey) -> bool:
    """Whether "last used" is exact enough already."""
    return key.last_used_at is not None and key.last_used_at > now() - USED_WITHIN


def note_use(key_id: int) -> None:
    """Remember that the key was used. The caller commits."""
    db.session.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(last_used_at=now(), updated_at=ApiKey.updated_at)
        .execution_options(synchronize_session=False)
    )


def _check_member(workspace: Workspace, member: Member) -> None:
    if member.workspace_id != workspace.id or not can(member, "integrations", "manage"):
        raise Forbidden(f"You may not manage the API keys of {workspace.name}.")


def _clean_name(workspace: Workspace, text: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not name:
        raise Invalid("What is it for? Name the program that will use it.", field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"At most {LONGEST_NAME} characters, please.", field="name")
    taken = exists().where(
        ApiKey.workspace_id == workspace.id,
        func.lower(ApiKey.name) == name.lower(),
        ApiKey.revoked_at.is_(None),
    )
    # Also when the form is sent twice: the second key would be nobody's.
    if db.session.scalar(select(taken)):
        raise Invalid("Another key has this name. One key for each program.", field="name")
    return name


def _note(
    action: str, workspace: Workspace, key: ApiKey, member: Member, **details: object
) -> None:
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=member.user_id,
        action=action,
        subject=key.name,
        details={"key": str(key.public_id), **details},
    )
