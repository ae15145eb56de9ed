"""Who is asking, for which workspace, and may they? Strangers get the same 404 as for what does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import actions, permissions, queries
from mailrith.accounts.models import Workspace
from mailrith.core.errors import Forbidden
from mailrith.web import signed_out

P = ParamSpec("P")
R = TypeVar("R")

READING = frozenset({"GET", "HEAD", "OPTIONS"})

_VERBS = {"view": "see", "manage": "change"}
_AREAS = {
    "connections": "email delivery connections",
    "integrations": "its API keys",
    "workspace": "the workspace's settings",
}


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
                    f"Your rights in {g.workspace.name} do not let you {_VERBS[level]} {_AREAS.get(area, area)}."
                )
            return view(*args, **kwargs)

        return checked

    return decorate


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The view outside a workspace is for people who have signed in. The workspace used last stays around the page."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if not current_user.is_authenticated:
            return to_sign_in()
        show_last_workspace()
        return view(*args, **kwargs)

    return checked


def to_sign_in() -> Response:
    """Ask for a sign-in and come back here after it; what a form brought along is kept meanwhile."""
    if request.method not in READING and signed_out.from_our_page():
        return signed_out.keep()
    target = request.full_path.rstrip("?") if request.method in READING else None
    return redirect(url_for("auth.sign_in", next=None if target == "/" else target), 303)


def last_workspace() -> Workspace | None:
    """Where the person was last: in this browser, else anywhere, else the first workspace."""
    mine = queries.workspaces_of(current_user.id)
    by_slug = {workspace.slug: workspace for workspace in mine}
    by_id = {workspace.id: workspace for workspace in mine}
    return (
        by_slug.get(session.get("workspace", ""))
        or by_id.get(current_user.last_workspace_id)
        or next(iter(mine), None)
    )


def show_last_workspace() -> None:
    """Let the workspace used last stand around a page that belongs to none."""
    workspace = last_workspace()
    found = queries.member_of(current_user.id, workspace.slug) if workspace else None
    if found is not None:
        g.member, g.workspace = found


def _take_workspace(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "ws" in values:
        g.workspace_slug = values.pop("ws")


def _fill_workspace(endpoint: str, values: dict[str, Any]) -> None:
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
    if request.method in READING:
        # A GET writes nothing but this browser's own memory.
        if session.get("workspace") != g.workspace.slug:
            session["workspace"] = g.workspace.slug
    else:
        actions.enter_workspace(current_user, g.workspace)
    return None
