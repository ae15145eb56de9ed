"""Signing in and everything about passwords, on Flask-Security."""

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from mailrith.accounts.models import Role, User
from mailrith.core import config, tokens
from mailrith.core.db import db

security = Security()


def register(app: Flask) -> None:
    """Wire Flask-Security to our users, without its own pages."""
    settings = config.current()
    app.config.update(
        SECURITY_PASSWORD_SALT=tokens.derive(settings.keys[-1], "password").hex(),
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
    )
    security.init_app(app, SQLAlchemyUserDatastore(db, User, Role), register_blueprint=False)
