"""Answers: a page, or only its changing part when htmx asks, and redirects that both understand."""

from typing import Any

from flask import Flask, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

STOP_POLLING = 286  # htmx: take this answer, and do not ask again


def register(app: Flask) -> None:
    """Answers differ by HX-Request, so caches must know."""

    @app.after_request
    def vary(response: Response) -> Response:
        response.vary.add("HX-Request")
        return response


def wants_partial() -> bool:
    """Whether htmx asks for a part of a page (not for a boosted or restored whole page)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_partial(page: str, partial: str, /, *, status: int = 200, **context: Any) -> Response:
    """One address, two bodies."""
    return make_response(render_template(partial if wants_partial() else page, **context), status)


def redirect_to(url: str, *, message: str | None = None, tone: str = "ok") -> BaseResponse:
    """Go on at `url`: 303, or HX-Redirect when htmx asked. `message` is shown there as a toast."""
    if message:
        flash(message, tone)
    if wants_partial():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)
