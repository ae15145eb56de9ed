"""The front door: where an address without a path leads."""

from flask import Blueprint, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.web import access

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Response:
    """To the workspace used last, or to make one, or to sign in."""
    if not current_user.is_authenticated:
        return access.to_sign_in()
    last = access.last_workspace()
    if last is None:
        return redirect(url_for("workspaces.create"), 303)
    return redirect(url_for("broadcasts.index", ws=last.slug), 303)
