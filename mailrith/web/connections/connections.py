"""The list of connections, and the settings of one."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections import actions, presets, queries
from mailrith.connections.models import Connection, Provider
from mailrith.connections.standing import reputation, resuming
from mailrith.connections.uses import InUse
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.web.access import needs
from mailrith.web.connections import listing
from mailrith.web.connections.filling import filled_with, values_of
from mailrith.web.connections.form_pages import check_servers, form_page
from mailrith.web.connections.forms import ConnectionForm, form_for, say
from mailrith.web.connections.limit_fields import rows_for
from mailrith.web.connections.loading import load, person
from mailrith.web.respond import page_or_partial, redirect_to

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@needs("connections", "view")
def index() -> Response:
    """The list: chips and search."""
    return page_or_partial("connections/index.html", "connections/_found.html", **listing.context())


@blueprint.get("/<uuid:public_id>")
@needs("connections", "view")
def edit(public_id: UUID) -> Response:
    """The settings, with what Verify found last."""
    connection = load(public_id)
    assigned = queries.workspaces_of([connection.id])[connection.id]
    form = _form(connection, data=filled_with(connection, assigned), formdata=None)
    return form_page(form, connection)


@blueprint.post("/<uuid:public_id>")
@needs("connections", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Save changes. What was typed stays on the page when something is refused, but for secrets."""
    connection = load(public_id)
    form = _form(connection)
    if not form.validate():
        return form_page(form, connection, status=422)
    try:
        _change(connection, form)
    except (Invalid, InUse) as error:
        db.session.rollback()
        say(form, error)
        return form_page(form, connection, status=error.status)
    db.session.commit()
    page = url_for(".edit", public_id=public_id)
    return redirect_to(page, message=f"{connection.name} is saved.")


@blueprint.post("/<uuid:public_id>/duplicate")
@needs("connections", "manage")
def duplicate(public_id: UUID) -> BaseResponse:
    """A copy of everything but the secrets, disabled until somebody completes it."""
    connection = load(public_id)
    copy = actions.duplicate(connection, person())
    db.session.commit()
    page = url_for(".edit", public_id=copy.public_id)
    return redirect_to(page, message=f"A copy of {connection.name}. It is disabled at first.")


@blueprint.post("/<uuid:public_id>/enable")
@needs("connections", "manage")
def enable(public_id: UUID) -> BaseResponse:
    """Let it carry mail again."""
    connection = load(public_id)
    try:
        actions.enable(connection, person())
    except Conflict as error:  # a copy without its password, which is typed there
        page = url_for(".edit", public_id=public_id)
        return redirect_to(page, message=error.message, tone="error")
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{connection.name} is enabled.")


@blueprint.post("/<uuid:public_id>/resume")
@needs("connections", "manage")
def resume(public_id: UUID) -> BaseResponse:
    """End a pause of Mailrith's without trying first. Where too much came back, the number has to be typed."""
    connection = load(public_id)
    typed = request.form.get("confirm_count", "")
    try:
        actions.resume_connection(connection, person(), typed)
    except actions.NotConfirmed as refused:
        db.session.rollback()
        return _resume_dialog(connection, refused.message if typed else "")
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{connection.name} is used again.")


def _resume_dialog(connection: Connection, error: str) -> Response:
    page = render_template(
        "connections/resuming.html",
        connection=connection,
        number=resuming.to_type(connection),
        share=reputation.of_one(connection).sentence,
        error=error,
        **listing.context(),
    )
    return make_response(page, 422 if error else 409)


def _change(connection: Connection, form: ConnectionForm) -> None:
    values = values_of(form, new=False)
    check_servers(values)
    actions.edit(connection, values, person())


def _form(connection: Connection, **start: Any) -> ConnectionForm:
    workspaces = queries.manageable_workspaces(person().id, connection.account_id)
    rows = rows_for(connection.receiver_limits)
    preset = presets.of(Provider(connection.provider))
    return form_for(preset, workspaces, receivers=rows, **start)
