"""A form that arrives after the session ended is not lost: the page shows a sign-in, keeps what was typed, and goes on with it.

Only for forms of our own pages. A page elsewhere could otherwise put words into somebody's mouth and have them signed in to say them.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from mailrith.web.respond import wants_partial

NEVER_KEPT = frozenset(
    {
        "csrf_token",
        "password",
        "current_password",
        "new_password",
        "oauth_secret",
        "oauth_refresh",
    }
)
FRONT_DOOR = frozenset({"auth", "sign_up", "reset", "owner"})  # blueprints of people not signed in


def keep() -> Response:
    """The answer to a form from somebody who is not signed in any more."""
    from mailrith.web.auth.forms import SignInForm

    if wants_partial():
        return make_response(_dialog(), 401)
    form = SignInForm(formdata=None)
    return make_response(
        render_template("auth/signed_out.html", form=form, kept=_packed(), lost=_lost()), 401
    )


def answer_csrf(*, signed_in: bool) -> BaseResponse | None:
    """What to show instead of "CSRF failed", or None for a form that did not come from our own page."""
    if not from_our_page():
        return None
    if request.blueprint in FRONT_DOOR:
        flash("That page was open for too long. Please try again.", "error")
        return redirect(request.path, 303)
    if not signed_in:
        return keep()
    if wants_partial():
        return _with_new_token()
    return go_on(_packed())


def go_on(packed: str) -> Response:
    """A form that does what was asked before the sign-in, with one press."""
    target, pairs = unpack(packed)
    return make_response(
        render_template("auth/go_on.html", target=target, pairs=pairs, shown=_shown(pairs)), 200
    )


def from_our_page() -> bool:
    """Whether the browser says that the form was on a page of this very site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def unpack(packed: str) -> tuple[str, list[tuple[str, str]]]:
    """Where the kept form goes, and what was in it. Anything odd makes it go to the start, empty."""
    try:
        data: Any = json.loads(packed)
        target, pairs = data["to"], [(str(name), str(value)) for name, value in data["with"]]
    except (ValueError, KeyError, TypeError):
        return url_for("home.index"), []
    return safe_path(target) or url_for("home.index"), pairs


def safe_path(target: object) -> str | None:
    """`target` if it leads to a page of ours and nowhere else."""
    if not isinstance(target, str) or not target.startswith("/"):
        return None
    if target.startswith(("//", "/\\")) or not target.isprintable() or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _with_new_token() -> Response:
    """For a page of the session before this one: it takes the token and asks again."""
    answer = make_response("", 401)
    answer.headers["X-CSRFToken"] = generate_csrf()
    return answer


def _packed() -> str:
    fields: MultiDict[str, str] = request.form
    pairs = [pair for pair in fields.items(multi=True) if pair[0] not in NEVER_KEPT]
    return json.dumps({"to": request.full_path.rstrip("?"), "with": pairs})


def _lost() -> bool:
    return any(file.filename for file in request.files.values())


def _shown(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What people wrote, to be read and copied."""
    return [(name.replace("_", " "), value) for name, value in pairs if value.strip()]


def _dialog() -> str:
    came_from = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return render_template(
        "errors/_signed_out.html",
        url=url_for("auth.sign_in"),
        next=safe_path(came_from) or "",
        subject=request.form.get("subject", ""),
    )
