"""Making a workspace, and stepping into one."""

from flask import Blueprint, g, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import actions, queries
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web import access
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to
from mailrith.web.workspaces.forms import WorkspaceForm

blueprint = Blueprint("workspaces", __name__)


@blueprint.route("/workspaces/create", methods=["GET", "POST"])
@access.signed_in
def create() -> Response | tuple[str, int]:
    """A new workspace; the first thing somebody without one sees."""
    form = WorkspaceForm()
    if form.time_zone.data is None:
        form.time_zone.data = current_user.time_zone
    if form.validate_on_submit():
        try:
            workspace = actions.create_workspace(current_user, form.particulars)
            db.session.commit()
            return redirect_to(url_for("workspaces.enter", ws=workspace.slug))
        except Invalid as error:
            apply_invalid(form, error)
    form.offer_zones()
    first = not queries.workspaces_of(current_user.id)
    page = render_template("workspaces/create.html", form=form, first=first)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/w/<ws>/")
def enter() -> Response:
    """The address of a workspace leads to its letters."""
    return redirect(url_for("broadcasts.index", ws=g.workspace.slug), 303)
