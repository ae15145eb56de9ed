"""Who is asking, for which workspace, and may they? Strangers get the same 404 as for what does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import permissions, queries
from mailrith.core.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


def register(app: Flask) -> None:
    """Load g.workspace and g.member for addresses below /w/<ws>, and fill `ws` into url_for."""
    app.url_value_preprocessor(_take_workspace)
    app.url_defaults(_fill_workspace)
    app.before_request(_load_workspace)


def needs(area: str, level: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The view may be used by members with this permission. Levels: view, manage."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not permissions.can(g.member, area, level):
                raise Forbidden(
                    f"You need the permission to {level} {area} in this workspace. Ask its owner."
                )
            return view(*args, **kwargs)

        return checked

    return decorate


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The view outside a workspace is for people who have signed in."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if not current_user.is_authenticated:
            return to_sign_in()
        return view(*args, **kwargs)

    return checked


def to_sign_in() -> Response:
    """Ask for a sign-in, and come back here after it."""
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.sign_in", next=target), 303)


def _take_workspace(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "ws" in values:
        g.workspace_slug = values.pop("ws")


def _fill_workspace(endpoint: str, values: dict[str, Any]) -> None:
    from flask import current_app

    if "ws" in values or "workspace" not in g:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "ws"):
        values["ws"] = g.workspace.slug


def _load_workspace() -> Response | None:
    if "workspace_slug" not in g:
        return None
    if not current_user.is_authenticated:
        return to_sign_in()
    found = queries.member_of(current_user.id, g.workspace_slug)
    if found is None:
        abort(404)
    g.member, g.workspace = found
    return None
