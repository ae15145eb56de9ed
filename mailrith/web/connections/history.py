"""History: who changed a connection, when, and what. Values are never shown."""

from uuid import UUID

from flask import Blueprint, render_template, request

from mailrith.connections import history
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, may_manage

blueprint = Blueprint("connection_history", __name__, url_prefix="/connections")

PAGE = 50


@blueprint.get("/<uuid:public_id>/history")
@needs("connections", "view")
def show(public_id: UUID) -> str:
    """A page of changes, newest first; `before` is the number of the last line seen."""
    connection = load(public_id)
    before = request.args.get("before", type=int)
    found = history.changes(connection, before=before, limit=PAGE + 1)
    return render_template(
        "connections/history.html",
        connection=connection,
        changes=found[:PAGE],
        older=found[PAGE - 1].number if len(found) > PAGE else None,
        newest=before is None,
        may_manage=may_manage(),
    )
