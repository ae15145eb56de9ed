"""A test client that sees only what was committed, and brings nothing from one request into the next.

The `session` fixture keeps one app context, and with it one session and one `g`, for the whole test.
"""

from typing import Any

from flask import g, has_app_context
from flask.testing import FlaskClient

from mailrith.core.db import db, set_read_only


class Browser(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> Any:
        _forget()
        try:
            return super().open(*args, **kwargs)
        finally:
            _forget()


def _forget() -> None:
    if not has_app_context():
        return
    db.session.rollback()  # a view that forgets to commit changed nothing
    vars(g).clear()  # among others the person who is signed in
    set_read_only(False)
