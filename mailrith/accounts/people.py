"""What a person's row goes through: it comes to be, its password changes, its sessions end."""

import secrets

from sqlalchemy.exc import IntegrityError

from mailrith.accounts import passwords
from mailrith.accounts.models import User
from mailrith.accounts.zones import zone_or_utc
from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid

LONGEST_NAME = 120


def email_key(text: str, *, field: str = "email") -> str:
    """The natural key of a typed address. Raises Invalid with the sentence that belongs beside the field."""
    parsed = addresses.parse_address(text)
    if isinstance(parsed, addresses.Problem):
        raise Invalid(parsed.sentence, field=field)
    return parsed.key


def clean_name(text: str, *, field: str = "name") -> str:
    """A person's name as it is kept: one line, no invisible characters."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not name:
        raise Invalid("What should we call you?", field=field)
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field=field)
    return name


def require_strong(password: str, *personal: str, field: str = "password") -> None:
    """Raises Invalid when the password is too weak."""
    why = passwords.weakness(password, *personal)
    if why:
        raise Invalid(why, field=field)


def create_user(*, email: str, name: str, password_hash: str, time_zone: str = "UTC") -> User:
    """A user whose address has been confirmed. Raises Conflict when somebody else has it by now."""
    user = User(
        email=email,
        display_name=name,
        password=password_hash,
        fs_uniquifier=new_uniquifier(),
        confirmed_at=now(),
        time_zone=zone_or_utc(time_zone),
        password_changed_at=now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise Conflict("This address has an account already. Sign in with it.") from None
    return user


def set_password(user: User, password_hash: str) -> None:
    """A new password. Every session of the person ends, also the present one, which the edge then begins anew."""
    user.password = password_hash
    user.password_changed_at = now()
    end_sessions(user)


def end_sessions(user: User) -> None:
    """Every cookie that signs this person in is worthless from now on."""
    user.fs_uniquifier = new_uniquifier()


def new_uniquifier() -> str:
    """What a session cookie names a person by."""
    return secrets.token_hex(16)
