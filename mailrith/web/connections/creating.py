"""A new connection: pick the service, then fill in what it asks for."""

from typing import Any

from flask import Blueprint, Response, abort, g, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections import actions, presets, queries
from mailrith.connections.models import Provider
from mailrith.connections.offered import offer
from mailrith.connections.presets import Preset
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web.access import needs
from mailrith.web.connections import returning
from mailrith.web.connections.filling import started_with, values_of
from mailrith.web.connections.form_pages import check_servers, form_page
from mailrith.web.connections.forms import ConnectionForm, form_for, say
from mailrith.web.connections.loading import person
from mailrith.web.connections.setups import wished_behind
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_creation", __name__, url_prefix="/connections/new")


@blueprint.get("")
@needs("connections", "manage")
def pick() -> str:
    """The services, as tiles."""
    return render_template(
        "connections/pick.html",
        groups=presets.tiles(),
        offer=offer(),
        offered=presets.of(Provider.INSTALLATION),
        back=returning.wanted(),
    )


@blueprint.get("/<provider>")
@needs("connections", "manage")
def fill(provider: str) -> Response:
    """The form, with what is known of the service and what a program proposed."""
    preset = _preset(provider)
    wish = {"from_name": g.workspace.name} | wished_behind(returning.wanted())
    start = started_with(preset, wish, workspace_id=g.workspace.id)
    return form_page(_form(preset, data=start, formdata=None))


@blueprint.post("/<provider>")
@needs("connections", "manage")
def add(provider: str) -> BaseResponse:
    """Save it. Nothing is sent."""
    form = _form(_preset(provider))
    if not form.validate():
        return form_page(form, status=422)
    try:
        values = values_of(form, new=True)
        check_servers(values)
        connection = actions.create(g.workspace.account_id, values, person())
    except Invalid as error:
        db.session.rollback()
        say(form, error)
        return form_page(form, status=422)
    db.session.commit()
    back = returning.wanted()
    if back:
        return redirect_to(returning.chosen_there(back, connection))
    page = url_for("connections.edit", public_id=connection.public_id)
    return redirect_to(page, message="Saved. Verify it before you rely on it.")


def _preset(provider: str) -> Preset:
    """The service of the address; 404 for one that nobody knows, or that is not offered here."""
    found = next((known for known in Provider if known.value == provider), None)
    preset = presets.of(found or abort(404))
    if preset.provider == Provider.INSTALLATION and offer() is None:
        abort(404)
    return preset


def _form(preset: Preset, **start: Any) -> ConnectionForm:
    workspaces = queries.manageable_workspaces(person().id, g.workspace.account_id)
    return form_for(preset, workspaces, **start)
