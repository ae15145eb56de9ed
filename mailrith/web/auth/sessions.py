"""Beginning and ending a session, and telling whether a password is right in the same time for everybody."""

import secrets
from functools import lru_cache

from flask import g, session
from flask_login import logout_user
from flask_security import hash_password, login_user, verify_password

from mailrith.accounts import queries
from mailrith.accounts.links import SIGN_UPS_KEPT
from mailrith.accounts.models import SignUp, User
from mailrith.accounts.passwords import LONGEST, normalize
from mailrith.core import addresses
from mailrith.core.db import db, transaction_mode


def hashed(password: str) -> str:
    """The password as it is stored (argon2id)."""
    return str(hash_password(normalize(password)))


def who(email: str, password: str) -> User | SignUp | None:
    """The person with this address and password, or who asked for an account with them, or None.

    Every answer costs two hashes and looks at both: otherwise signing up with somebody's address and then signing in
    would tell whether there is an account. No lock is held meanwhile, so that guessing does not stop others from writing.
    """
    key = addresses.key(email.strip())
    with transaction_mode(read_only=True):
        user = queries.user_with_email(key)
        asked = queries.newest_sign_up(key, within=SIGN_UPS_KEPT)
        stored = user.password if user is not None and user.active else None
        asked_with = asked.password if asked else None
        db.session.rollback()
    is_user = right_password(password, stored)
    has_asked = right_password(password, asked_with)
    if is_user:
        return user
    return asked if has_asked else None


def right_password(password: str, stored: str | None) -> bool:
    """Whether the password fits the stored hash; None fits nothing, and takes as long."""
    if len(password) > LONGEST * 4:
        password = ""
    return bool(verify_password(normalize(password), stored or _nobodys())) and stored is not None


def begin(user: User, *, remember: bool = False) -> None:
    """Sign this browser in. Whatever its session held before is gone, so nobody can have planted it."""
    session.clear()
    g.pop("csrf_token", None)
    login_user(user, remember=False, authn_via=["password"])
    session["nonce"] = secrets.token_hex(8)
    session.permanent = remember


def end() -> None:
    """Sign this browser out."""
    logout_user()
    session.clear()
    g.pop("csrf_token", None)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hashed(secrets.token_hex(16))
