"""Send Test Email: a drawer over the list, what became of it, and the last few."""

from uuid import UUID

from flask import Blueprint, Response

from mailrith.connections import trials
from mailrith.connections.checks.reports import trial_reason
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, TooMany
from mailrith.web.access import needs
from mailrith.web.connections import listing, returning
from mailrith.web.connections.forms import TrialForm
from mailrith.web.connections.loading import load, person, sees_whole
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import page_or_partial

blueprint = Blueprint("connection_trials", __name__, url_prefix="/connections")

SHOWN = 6


@blueprint.get("/<uuid:public_id>/test")
@needs("connections", "manage")
def new(public_id: UUID) -> Response:
    """Ask where it goes."""
    return _drawer(public_id, TrialForm(recipient=person().email))


@blueprint.post("/<uuid:public_id>/test")
@needs("connections", "manage")
def create(public_id: UUID) -> Response:
    """Count it, send it outside of any transaction, keep the server's answer and show it."""
    form = TrialForm()
    if not form.validate_on_submit():
        return _drawer(public_id, form, status=422)
    try:
        trial = trials.prepare(load(public_id), form.recipient.data or "", person())
    except (Invalid, TooMany, Conflict) as error:
        db.session.rollback()
        apply_invalid(form, error if isinstance(error, Invalid) else Invalid(error.message))
        return _drawer(public_id, form, status=error.status)
    db.session.commit()
    result = trials.send(trial)
    trials.record(trial, result)
    db.session.commit()
    return _drawer(public_id, form, result)


def _drawer(
    public_id: UUID,
    form: TrialForm,
    result: trials.TrialResult | None = None,
    *,
    status: int = 200,
) -> Response:
    connection = load(public_id)
    whole, who = sees_whole(connection), person().id
    sent = trials.newest(connection, SHOWN)
    earlier = [trial for trial in sent if whole or trial.user_id == who]  # addresses of others
    return page_or_partial(
        "connections/trial.html",
        "connections/_trial.html",
        status=status,
        form=form,
        connection=connection,
        result=result,
        back=returning.wanted(),
        earlier=[(trial, trial_reason(trial)) for trial in earlier[1 if result else 0 :]],
        **listing.context(),
    )
