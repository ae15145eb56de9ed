"""Send Test Email: a dialog over the list, and what became of it."""

from uuid import UUID

from flask import Blueprint, Response

from mailrith.connections import trials
from mailrith.core.db import db
from mailrith.core.errors import Invalid, TooMany
from mailrith.web.access import needs
from mailrith.web.connections import listing
from mailrith.web.connections.forms import TrialForm
from mailrith.web.connections.loading import load, person
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import page_or_partial

blueprint = Blueprint("connection_trials", __name__, url_prefix="/connections")


@blueprint.get("/<uuid:public_id>/test")
@needs("connections", "manage")
def new(public_id: UUID) -> Response:
    """Ask where it goes."""
    return _dialog(public_id, TrialForm(recipient=person().email))


@blueprint.post("/<uuid:public_id>/test")
@needs("connections", "manage")
def create(public_id: UUID) -> Response:
    """Count it, send it outside of any transaction, and show the server's answer."""
    form = TrialForm()
    if not form.validate_on_submit():
        return _dialog(public_id, form, status=422)
    try:
        trial = trials.prepare(load(public_id), form.recipient.data or "", person())
    except Invalid as error:
        apply_invalid(form, error)
        return _dialog(public_id, form, status=422)
    except TooMany as error:
        form.form_errors.append(error.message)
        return _dialog(public_id, form, status=error.status)
    db.session.commit()
    return _dialog(public_id, form, trials.send(trial))


def _dialog(
    public_id: UUID,
    form: TrialForm,
    result: trials.TrialResult | None = None,
    *,
    status: int = 200,
) -> Response:
    return page_or_partial(
        "connections/trial.html",
        "connections/_trial.html",
        status=status,
        form=form,
        connection=load(public_id),
        result=result,
        **listing.context(),
    )
