"""Settings of the workspace: name, postal address, time zone."""

from flask import Blueprint, g, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import actions, permissions
from mailrith.accounts.zones import is_zone
from mailrith.broadcasts import queries as broadcasts
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to
from mailrith.web.workspaces.forms import WorkspaceForm

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@needs("workspace", "view")
def workspace() -> str:
    """The page. `?zone=` shows what another time zone would change."""
    form = WorkspaceForm(obj=g.workspace)
    proposed = request.args.get("zone", "")
    if is_zone(proposed):
        form.time_zone.data = proposed
    return _page(form)


@blueprint.post("")
@needs("workspace", "manage")
def save() -> Response | tuple[str, int]:
    """Write what changed. Scheduled broadcasts keep their instants, and the message says so."""
    form = WorkspaceForm()
    if form.validate():
        try:
            changed = actions.edit_workspace(g.workspace, form.particulars, user_id=current_user.id)
            db.session.commit()
            return redirect_to(url_for("settings.workspace"), message=_said(changed))
        except Invalid as error:
            apply_invalid(form, error)
    return _page(form), 422


@blueprint.get("/zone")
@needs("workspace", "view")
def zone() -> str:
    """What would change with another time zone, for the page to show before it is saved."""
    proposed = request.args.get("time_zone", "")
    return render_template("settings/workspace/_zone.html", **_zone_change(proposed))


def _page(form: WorkspaceForm) -> str:
    form.offer_zones()
    return render_template(
        "settings/workspace/edit.html",
        form=form,
        may_edit=permissions.can(g.member, "workspace", "manage"),
        **_zone_change(form.time_zone.data or ""),
    )


def _zone_change(proposed: str) -> dict[str, object]:
    moves = is_zone(proposed) and proposed != g.workspace.time_zone
    scheduled = broadcasts.scheduled_in(g.workspace.id) if moves else []
    return {"proposed": proposed if moves else None, "scheduled": scheduled}


def _said(changed: list[str]) -> str:
    if not changed:
        return "Nothing was changed."
    if "time_zone" in changed:
        kept = len(broadcasts.scheduled_in(g.workspace.id))
        if kept:
            return f"Saved. {kept} scheduled broadcast{'s' if kept > 1 else ''} will leave at the same moment as before."
    return "Saved."
