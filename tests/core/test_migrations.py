"""The migrations make exactly the tables that the models describe, on both engines, from one head."""

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check

from mailrith.app import ROOT


def test_models_and_migrations_agree(app: Flask) -> None:
    with app.app_context():
        check()


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))

    assert len(script.get_heads()) == 1
