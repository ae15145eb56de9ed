"""A test mail to any address, and what the server said to it."""

from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request
from flask_login import current_user

from mailrith.broadcasts import launching, trying
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.trying import TestResult
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, MailrithError, TooMany
from mailrith.web.access import needs
from mailrith.web.broadcasts import readers
from mailrith.web.broadcasts.forms import TestForm
from mailrith.web.broadcasts.loading import load
from mailrith.web.forms import apply_invalid

blueprint = Blueprint("broadcast_tests", __name__, url_prefix="/broadcasts/<uuid:public_id>")


@blueprint.get("/test")
@needs("broadcasts", "manage")
def show(public_id: UUID) -> Response:
    """Where to, and as whom."""
    form = TestForm(formdata=None, data={"to": current_user.email})
    return _page(load(public_id), form)


@blueprint.post("/test")
@needs("broadcasts", "manage")
def send(public_id: UUID) -> Response:
    """Send it and wait for the answer. Nothing is open in the database while the wire is busy."""
    broadcast, form = load(public_id), TestForm()
    person = readers.person_of(readers.chosen(form.reader.data or ""))
    try:
        mail = trying.prepare(
            g.workspace, broadcast, to=form.to.data or "", person=person, user_id=current_user.id
        )
    except (Invalid, Conflict, TooMany) as error:
        return _refused(broadcast, form, error)
    db.session.commit()
    result = trying.carry(mail)
    return _page(load(public_id), form, result=result)


def _refused(broadcast: Broadcast, form: TestForm, error: MailrithError) -> Response:
    db.session.rollback()
    if isinstance(error, Invalid):
        apply_invalid(form, error)
    else:
        form.form_errors.append(error.message)
    return _page(broadcast, form, error.status)


def _page(
    broadcast: Broadcast, form: TestForm, status: int = 200, result: TestResult | None = None
) -> Response:
    html = render_template(
        "broadcasts/tests/show.html",
        broadcast=broadcast,
        form=form,
        result=result,
        connection=launching.connection_of(broadcast),
        people=readers.offered(),
        reader=readers.chosen(form.reader.data or request.args.get("reader", "")),
    )
    return make_response(html, status)
