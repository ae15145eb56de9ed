"""The database's structure, and its way to the newest one.

Imported only where it is wanted: alembic and what it brings along would cost every worker eight megabytes.
"""

from pathlib import Path

import flask_migrate
from flask import current_app

from mailrith.core.db import db

FOLDER = Path(__file__).parent.parent / "migrations"


def upgrade(revision: str = "head") -> None:
    """Bring the database of the present app there."""
    _prepare()
    flask_migrate.upgrade(revision=revision)


def check() -> None:
    """Raises SystemExit when models and migrations differ."""
    _prepare()
    flask_migrate.check()


def _prepare() -> None:
    if "migrate" not in current_app.extensions:
        options = {"render_as_batch": True, "compare_type": True}
        flask_migrate.Migrate(current_app, db, str(FOLDER), **options)  # type: ignore[no-untyped-call]
