"""The list of connections, and the form that makes and changes one."""

from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections import actions, form_values, queries
from mailrith.connections.models import Connection
from mailrith.connections.reports import pause_reason, shown_steps
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.core.network import Policy
from mailrith.web.access import needs
from mailrith.web.connections import listing
from mailrith.web.connections.forms import ConnectionForm, filled_with
from mailrith.web.connections.loading import load, may_manage, person
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import page_or_partial, redirect_to

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@needs("connections", "view")
def index() -> Response:
    """The list: chips and search."""
    return page_or_partial("connections/index.html", "connections/_found.html", **listing.context())


@blueprint.get("/new")
@needs("connections", "manage")
def create() -> Response:
    """The empty form."""
    form = ConnectionForm(workspaces=[g.workspace.id], from_name=g.workspace.name)
    form.offer(queries.manageable_workspaces(person().id, g.workspace.account_id))
    return _form_page(form)


@blueprint.post("")
@needs("connections", "manage")
def add() -> BaseResponse:
    """Save a new one. Nothing is sent."""
    form = ConnectionForm()
    account_id = g.workspace.account_id
    form.offer(queries.manageable_workspaces(person().id, account_id))
    if not form.validate_on_submit():
        return _form_page(form, status=422)
    values = form.values(new=True)
    try:
        _check_host(values)
        connection = actions.create(account_id, values, person())
    except Invalid as error:
        apply_invalid(form, error)
        return _form_page(form, status=422)
    db.session.commit()
    return redirect_to(_address(connection), message="Saved. Verify it before you rely on it.")


@blueprint.get("/<uuid:public_id>")
@needs("connections", "view")
def edit(public_id: UUID) -> Response:
    """The form of one, with what Verify found last."""
    connection = load(public_id)
    assigned = queries.workspaces_of([connection.id])[connection.id]
    form = ConnectionForm(data=filled_with(connection, assigned), formdata=None)
    form.offer(queries.manageable_workspaces(person().id, connection.account_id))
    return _form_page(form, connection)


@blueprint.post("/<uuid:public_id>")
@needs("connections", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Save changes."""
    connection = load(public_id)
    form = ConnectionForm()
    form.offer(queries.manageable_workspaces(person().id, connection.account_id))
    if not form.validate_on_submit():
        return _form_page(form, connection, status=422)
    values = form.values(new=False)
    try:
        _check_host(values)
        actions.edit(connection, values, person())
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _form_page(form, connection, status=422)
    db.session.commit()
    return redirect_to(_address(connection), message=f"{connection.name} is saved.")


@blueprint.post("/<uuid:public_id>/enable")
@needs("connections", "manage")
def enable(public_id: UUID) -> BaseResponse:
    """Let it carry mail again."""
    connection = load(public_id)
    actions.enable(connection, person())
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{connection.name} is enabled.")


@blueprint.post("/<uuid:public_id>/resume")
@needs("connections", "manage")
def resume(public_id: UUID) -> BaseResponse:
    """End a pause of Mailrith's without trying first."""
    connection = load(public_id)
    actions.resume_connection(connection, person())
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{connection.name} is used again.")


def _check_host(values: form_values.ConnectionValues) -> None:
    # A name server may take seconds: no transaction waits for it.
    db.session.rollback()
    form_values.check_host(values.host, values.port, Policy.of(config.current()))


def _address(connection: Connection) -> str:
    return url_for("connections.edit", public_id=connection.public_id)


def _form_page(
    form: ConnectionForm, connection: Connection | None = None, *, status: int = 200
) -> Response:
    page = render_template(
        "connections/edit.html",
        form=form,
        connection=connection,
        may_manage=may_manage(),
        steps=shown_steps(connection),
        pause=pause_reason(connection) if connection else None,
    )
    return make_response(page, status)
