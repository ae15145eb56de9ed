"""Every error a person can meet, as a page that says what happened, why, and the way out."""

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException, InternalServerError

from mailrith.core.errors import MailrithError, TooMany

PAGES = {403, 404, 409, 429, 500}


def register(app: Flask) -> None:
    """Map our errors and the web's own to pages."""
    app.register_error_handler(MailrithError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _bug)


def _ours(error: MailrithError) -> tuple[str, int, dict[str, str]]:
    headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, TooMany) else {}
    return _page(error.status, error.message), error.status, headers


def _http(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return _page(code, error.description or ""), code


def _bug(error: InternalServerError) -> tuple[str, int]:
    return _page(500, ""), 500


def _page(code: int, message: str) -> str:
    shown = code if code in PAGES else (500 if code >= 500 else 409)
    return render_template(f"errors/{shown}.html", code=code, message=message)
