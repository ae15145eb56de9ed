"""What people do at the front door, to their own account and to their workspaces. The edges hash passwords and commit."""

import secrets
from datetime import timedelta

from sqlalchemy import update

from mailrith.accounts import audit, links, people, queries, system_mail, workspaces
from mailrith.accounts.models import OwnerLink, ResetRequest, SignUp, User, Workspace
from mailrith.accounts.workspaces import Particulars
from mailrith.accounts.zones import is_zone, zone_or_utc
from mailrith.core import config, queue, tokens
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany

ASK_AGAIN_AFTER = timedelta(seconds=60)


def check_sign_up(*, name: str, email: str, password: str) -> tuple[str, str]:
    """The cleaned name and the natural key of the address. Raises Invalid; says nothing about who exists."""
    if config.current().sign_up != "open":
        raise Forbidden("This installation takes no new accounts. Ask whoever runs it.")
    clean, key = people.clean_name(name), people.email_key(email)
    people.require_strong(password, key, clean)
    return clean, key


def sign_up(*, name: str, email_key: str, password_hash: str, time_zone: str) -> SignUp:
    """Remember that somebody wants an account. A job writes the mail: whether the address is known changes nothing here."""
    asked = SignUp(
        email=email_key,
        display_name=name,
        password=password_hash,
        time_zone=zone_or_utc(time_zone),
    )
    db.session.add(asked)
    db.session.flush()
    queue.enqueue("mailrith.accounts.jobs.answer_sign_up", asked.id)
    return asked


def ask_again(asked: SignUp) -> None:
    """Another confirmation link; the ones before it stop working. Raises TooMany within a minute of the last."""
    wait = asked.asked_at + ASK_AGAIN_AFTER - now()
    if wait > timedelta(0):
        raise TooMany(
            "The last link is on its way. Give it a minute.",
            retry_after_seconds=int(wait.total_seconds()) + 1,
        )
    asked.asked_at = now()
    asked.round += 1
    asked.answered = False
    queue.enqueue("mailrith.accounts.jobs.answer_sign_up", asked.id)


def confirm(asked: SignUp) -> User:
    """Make the person who asked a user. Raises Conflict when the address got an account in the meantime."""
    user = people.create_user(
        email=asked.email,
        name=asked.display_name,
        password_hash=asked.password,
        time_zone=asked.time_zone,
    )
    db.session.delete(asked)
    db.session.flush()
    return user


def ask_reset(email: str) -> None:
    """Remember that somebody forgot a password. A job looks whether there is an account. Raises Invalid for no address."""
    request = ResetRequest(email=people.email_key(email))
    db.session.add(request)
    db.session.flush()
    queue.enqueue("mailrith.accounts.jobs.answer_reset", request.id)


def reset_password(claim: links.Claim, password_hash: str) -> User:
    """Set the password that a reset link allows. Every session ends. Raises NotFound for a used or expired link."""
    user = db.session.get(User, claim.key, with_for_update=True)
    if user is None or not user.active or not links.resets(claim, user):
        raise NotFound
    people.set_password(user, password_hash)
    return user


def change_password(user: User, password_hash: str) -> None:
    """A new password. Every session of the person ends; the owner of the inbox is told."""
    people.set_password(user, password_hash)
    system_mail.write(
        "password_changed", user.email, name=user.name, forgot_url=links.url("/forgot")
    )


def edit_profile(user: User, *, name: str, time_zone: str) -> None:
    """What the person is called, and where."""
    if not is_zone(time_zone):
        raise Invalid("Choose a time zone from the list.", field="time_zone")
    user.display_name = people.clean_name(name)
    user.time_zone = time_zone


def create_workspace(user: User, particulars: Particulars) -> Workspace:
    """A new workspace owned by this person. Raises Invalid."""
    workspace = workspaces.create(user, particulars.checked())
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user.id,
        action="workspace.created",
        subject=workspace.name,
    )
    return workspace


def edit_workspace(workspace: Workspace, particulars: Particulars, *, user_id: int) -> list[str]:
    """Rename, move, change the zone. Returns which values changed. Raises Invalid.

    What is scheduled keeps its instant when the zone changes.
    """
    old = workspaces.edit(workspace, particulars.checked())
    if old:
        audit.record(
            account_id=workspace.account_id,
            workspace_id=workspace.id,
            user_id=user_id,
            action="workspace.edited",
            subject=workspace.name,
            details={"before": old},
        )
    return list(old)


def enter_workspace(user: User, workspace: Workspace) -> None:
    """Sign-in leads here next time."""
    if user.last_workspace_id != workspace.id:
        user.last_workspace_id = workspace.id


def make_owner_link() -> str:
    """A one-time address where the first owner of this installation chooses name, e-mail and password."""
    secret = secrets.token_urlsafe(24)
    db.session.add(
        OwnerLink(
            token_digest=tokens.digest("owner-link", secret),
            expires_at=now() + links.OWNER_WITHIN,
        )
    )
    db.session.flush()
    return links.url("/welcome/" + secret)


def use_owner_link(
    secret: str, *, name: str, email_key: str, password_hash: str, time_zone: str
) -> User:
    """Make the owner, and the link useless. Raises NotFound for a link that is used or has run out."""
    used = db.session.execute(
        update(OwnerLink)
        .where(
            OwnerLink.token_digest == tokens.digest("owner-link", secret),
            OwnerLink.used_at.is_(None),
            OwnerLink.expires_at > now(),
        )
        .values(used_at=now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    if queries.user_with_email(email_key) is not None:
        raise Conflict("This address has an account already. Sign in with it, or take another one.")
    user = people.create_user(
        email=email_key, name=name, password_hash=password_hash, time_zone=time_zone
    )
    workspaces.open_account(user).operator = True
    return user


def set_operator(email: str, *, operator: bool) -> None:
    """Whether the person's account may send in the installation's own name. Raises Invalid and NotFound."""
    user = queries.user_with_email(people.email_key(email))
    if user is None:
        raise NotFound(f"Nobody signs in here as {email}.")
    account = queries.account_of(user.id) or workspaces.open_account(user)
    if account.operator != operator:
        account.operator = operator
        audit.record(
            account_id=account.id,
            action="account.operator_made" if operator else "account.operator_revoked",
            subject=user.name,
        )
