"""Verify: try the saved connection without sending anything."""

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections import probing
from mailrith.connections.reports import shown_steps
from mailrith.core.db import db
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, may_manage, person
from mailrith.web.respond import page_or_partial, redirect_to, wants_partial

blueprint = Blueprint("connection_verification", __name__, url_prefix="/connections")


@blueprint.post("/<uuid:public_id>/verify")
@needs("connections", "manage")
def create(public_id: UUID) -> BaseResponse:
    """Talk to the server, outside of any transaction, and keep the report."""
    connection = load(public_id)
    probe = probing.prepare(connection)
    db.session.rollback()
    report = probing.verify(probe)
    connection = load(public_id)
    probing.record_report(connection, report, person())
    db.session.commit()
    if not wants_partial():
        return redirect_to(url_for("connections.edit", public_id=public_id))
    return page_or_partial(
        "connections/edit.html",
        "connections/_verify.html",
        connection=connection,
        steps=shown_steps(connection),
        may_manage=may_manage(),
    )
