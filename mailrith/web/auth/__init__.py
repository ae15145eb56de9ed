"""Signing in and everything about passwords: our own pages over Flask-Security's datastore, hashing and sessions.

Its views are not used: they tell whether an account exists, and write on GET.
"""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from mailrith.accounts.models import Role, User
from mailrith.core import config, tokens
from mailrith.core.db import db

KEEP_SIGNED_IN = timedelta(days=30)

# Above OWASP's least for argon2id (19 MiB, two rounds), and small enough that eight at once do not fill a small server.
ARGON2 = {"argon2__memory_cost": 32 * 1024, "argon2__rounds": 2, "argon2__parallelism": 1}

security = Security()


def register(app: Flask) -> None:
    """Wire Flask-Security to our users, without its own pages."""
    settings = config.current()
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=ARGON2,
        # argon2id salts by itself. A pepper made of a key would lose every password when that key leaves the ring.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_SALT=tokens.derive(settings.keys[-1], "password").hex(),
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_JOIN_USER_ROLES=False,  # nobody has roles here; memberships say what one may do
        PERMANENT_SESSION_LIFETIME=KEEP_SIGNED_IN,
        # Otherwise every answer carries the cookie, also a style sheet that proxies may keep for everybody.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    security.init_app(app, SQLAlchemyUserDatastore(db, User, Role), register_blueprint=False)
    # Flask-Security would look for a token of its own in every JSON body, also in a provider's hook of 10 MB.
    app.extensions["security"].login_manager.request_loader(_nobody)
    # And it would look up the person for every request, also for a style sheet. Nothing here asks for an identity.
    app.extensions["security"].principal.identity_loaders.clear()


def _nobody(request: Any) -> None:
    return None
