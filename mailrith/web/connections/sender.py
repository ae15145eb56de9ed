"""Sender identity: what the From domain publishes, what a received test mail showed, and what to do about it."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.models import Connection
from mailrith.connections.sender_checks import actions, reading
from mailrith.core.addresses import domain_of
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web import limits
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, may_manage, person
from mailrith.web.connections.sender_forms import ProofForm, SelectorForm
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import page_or_partial, redirect_to, wants_partial

blueprint = Blueprint("connection_senders", __name__, url_prefix="/connections")

# A check asks up to eighty questions, of names that the domain's owner chooses.
OFTEN = "You have asked for this very often. Records rarely change within the hour."


@blueprint.get("/<uuid:public_id>/sender")
@needs("connections", "view")
def show(public_id: UUID) -> Response:
    """What is known. Asks no name server."""
    return _page(load(public_id))


@blueprint.post("/<uuid:public_id>/sender/check")
@limits.by_network("120 per hour", why=OFTEN)
@needs("connections", "manage")
def check(public_id: UUID) -> BaseResponse:
    """Have it looked up again by a worker; the page shows when it is there."""
    connection = load(public_id)
    actions.ask(connection)
    db.session.commit()
    return _page(connection) if wants_partial() else redirect_to(_address(public_id))


@blueprint.post("/<uuid:public_id>/sender/selectors")
@limits.by_network("120 per hour", why=OFTEN)
@needs("connections", "manage")
def add_selector(public_id: UUID) -> BaseResponse:
    """Look at one more DKIM selector from now on."""
    connection, form = load(public_id), SelectorForm()
    if not form.validate_on_submit():
        return _page(connection, selector_form=form, status=422)
    try:
        selector = actions.add_selector(connection, text(form.selector), person())
    except Invalid as error:
        apply_invalid(form, error)
        return _page(connection, selector_form=form, status=422)
    db.session.commit()
    return redirect_to(_address(public_id), message=f"Looking at the selector {selector}.")


@blueprint.post("/<uuid:public_id>/sender/selectors/forget")
@needs("connections", "manage")
def forget_selector(public_id: UUID) -> BaseResponse:
    """Look at it no more."""
    connection, form = load(public_id), SelectorForm()
    actions.forget_selector(connection, text(form.selector), person())
    db.session.commit()
    return redirect_to(_address(public_id), message="Forgotten.")


@blueprint.post("/<uuid:public_id>/sender/proof")
@limits.by_network("120 per hour", why=OFTEN)
@needs("connections", "manage")
def prove(public_id: UUID) -> BaseResponse:
    """Read the source of a test mail that arrived."""
    connection, form = load(public_id), ProofForm()
    if not form.validate_on_submit():
        return _page(connection, proof_form=form, status=422)
    try:
        actions.prove(connection, form.whole_source(), person())
    except Invalid as error:
        apply_invalid(form, error)
        return _page(connection, proof_form=form, status=422)
    db.session.commit()
    return redirect_to(_address(public_id), message="Read. Each line says what the mail showed.")


def _address(public_id: UUID) -> str:
    return url_for(".show", public_id=public_id)


def _page(
    connection: Connection,
    *,
    selector_form: SelectorForm | None = None,
    proof_form: ProofForm | None = None,
    status: int = 200,
) -> Response:
    report = reading.report_of(connection)
    return page_or_partial(
        "connections/sender.html",
        "connections/_sender.html",
        status=status,
        connection=connection,
        domain=domain_of(connection.from_email),
        rows=reading.rows_of(connection),
        light=reading.light(connection),
        skipped=reading.SKIPPED[report.skipped] if report and report.skipped else "",
        waiting=reading.waiting(connection),
        stuck=reading.asked_at(connection) is not None and not reading.waiting(connection),
        proof=reading.proof_of(connection),
        selector_form=selector_form or SelectorForm(formdata=None),
        proof_form=proof_form or ProofForm(formdata=None),
        may_manage=may_manage(),
    )
