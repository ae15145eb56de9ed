"""The migrations make exactly the tables that the models describe, on both engines, from one head."""

from alembic.script import ScriptDirectory
from flask import Flask

from mailrith.structure import FOLDER, check


def test_models_and_migrations_agree(app: Flask) -> None:
    with app.app_context():
        check()


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(FOLDER))

    assert len(script.get_heads()) == 1
