"""The way of a webhook past the app: no sign-in, no cookie, no form, no page. Machines post here by the thousand.

Its requests prove themselves by a secret and a signature (`endpoint`), so they carry no CSRF token.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Request, Response

from mailrith.core.db import db
from mailrith.core.errors import MailrithError
from mailrith.hooks import answers, endpoint
from mailrith.hooks.answers import Ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

START = "/hooks/"

log = structlog.get_logger()


class Door:
    """The whole installation as a WSGI application; what is no webhook goes on to `behind`."""

    def __init__(self, app: Flask, behind: "WSGIApplication") -> None:
        self._app = app
        self._behind = behind

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(START):
            return self._behind(environ, start_response)
        request = Request(environ)
        connection, _, secret = request.path.removeprefix(START).partition("/")
        if not connection or not secret or "/" in secret:
            return self._behind(environ, start_response)
        with self._app.app_context():
            answer = _answer(request, connection, secret)
        return answer(environ, start_response)


def _answer(request: Request, connection: str, secret: str) -> Response | Ready:
    try:
        if request.method == "POST":
            return endpoint.receive(request, connection, secret)
        if request.method in {"HEAD", "OPTIONS"}:
            return endpoint.look(request, connection, secret)
    except (DBAPIError, MailrithError) as error:
        # The database is away, or the key that sealed the secrets: the provider has to come again when it is mended.
        return _not_stored(error, known=True)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not cost an event, nor show the address in the server's log
        return _not_stored(error, known=False)
    return answers.wrong_method()


def _not_stored(error: Exception, *, known: bool) -> Response:
    db.session.rollback()
    log.error("hook_not_stored", why=type(error).__name__, exc_info=None if known else error)
    return answers.later("Mailrith cannot store events just now. Please send it again.")
