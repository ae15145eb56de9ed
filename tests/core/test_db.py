from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mailrith.accounts.models import User
from mailrith.app import create_app
from mailrith.core.db import db, transaction_mode
from tests.support import factories


def test_a_read_only_transaction_cannot_write(session: Any) -> None:
    with transaction_mode(read_only=True):
        db.session.add(User(email="a@b.example", fs_uniquifier="x"))
        with pytest.raises(DBAPIError):
            db.session.flush()
        db.session.rollback()

    factories.make_user()


def test_a_get_that_writes_fails_loudly(app: Flask) -> None:
    app = create_app(
        app.extensions["mailrith_settings"]
    )  # a new one: routes are added before requests

    @app.get("/writes-behind-a-get")
    def writes() -> str:
        db.session.add(User(email="a@b.example", fs_uniquifier="x"))
        db.session.commit()
        return "wrote"

    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/writes-behind-a-get")

    assert answer.status_code == 500
    with app.app_context():
        assert db.session.scalar(select(User.id)) is None
        db.session.remove()
        db.engine.dispose()


def test_times_come_back_aware_and_in_utc(session: Any) -> None:
    user = factories.make_user(confirmed_at=datetime(2026, 4, 24, 7, tzinfo=UTC))
    session.expire_all()

    assert session.get(User, user.id).confirmed_at == datetime(2026, 4, 24, 7, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused(session: Any) -> None:
    with pytest.raises(Exception, match="without a zone"):
        factories.make_user(confirmed_at=datetime(2026, 4, 24, 7))


def test_sqlite_waits_for_the_disk_and_keeps_foreign_keys(session: Any) -> None:
    if db.engine.dialect.name != "sqlite":
        return

    pragmas = {
        name: session.scalar(text(f"PRAGMA {name}"))
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
