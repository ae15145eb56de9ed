"""Every error a person can meet, as a page that says what happened, why, and the way out."""

import secrets

import structlog
from flask import Flask, g, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from mailrith.core.db import db
from mailrith.core.errors import MailrithError, TooMany
from mailrith.web import access, limits, signed_out

PAGES = {403, 404, 409, 429, 500}

_WORDS = {
    405: "This address only shows something, or only takes something; it was asked for the other.",
    413: "That is more than fits in one form. Make it shorter and try again.",
}


def register(app: Flask) -> None:
    """Map our errors and the web's own to pages."""
    app.register_error_handler(MailrithError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _not_from_here)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(InternalServerError, _bug)


def _ours(error: MailrithError) -> Response:
    db.session.rollback()
    wait = error.retry_after_seconds if isinstance(error, TooMany) else None
    return _page(error.status, error.message, retry_after_seconds=wait)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    if code == 404 and _is_lost():
        access.show_last_workspace()
    # Werkzeug's own sentences speak of servers and URLs; the page has better ones.
    return _page(code, _WORDS.get(code, ""))


def _is_lost() -> bool:
    """Somebody signed in, at an address that no workspace of theirs has."""
    return (
        request.endpoint != "static"
        and "workspace" not in g
        and bool(current_user.is_authenticated)
    )


def _too_often(error: RateLimitExceeded) -> Response:
    return _page(429, str(error.description), retry_after_seconds=limits.seconds_left())


def _not_from_here(error: CSRFError) -> Response:
    kept = signed_out.answer_csrf(signed_in=bool(current_user.is_authenticated))
    if kept is not None:
        return kept
    return _page(
        400,
        "This form did not come from a page of ours, or the page was open for too long. Reload it.",
    )


def _bug(error: InternalServerError) -> Response:
    report = secrets.token_hex(4)
    cause = error.original_exception or error
    structlog.get_logger().error(
        "page_failed", report=report, endpoint=request.endpoint, exc_info=cause
    )
    if isinstance(cause, SQLAlchemyError):
        db.session.rollback()
    return _page(500, "", report=report)


def _page(
    code: int, message: str, *, retry_after_seconds: int | None = None, report: str | None = None
) -> Response:
    shown = code if code in PAGES else (500 if code >= 500 else 409)
    body = render_template(
        f"errors/{shown}.html",
        code=code,
        message=message,
        retry_after_seconds=retry_after_seconds,
        report=report,
    )
    response = make_response(body, code)
    if retry_after_seconds is not None:
        response.headers["Retry-After"] = str(retry_after_seconds)
    return response
