"""The bounce mailbox of a connection: where mail comes back, trying it, and how reading it goes."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.mailbox import actions, queries, values
from mailrith.connections.models import Connection, Provider
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.core.network import Policy
from mailrith.events.mailbox import counting, trials, trouble
from mailrith.web import limits
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, person
from mailrith.web.connections.mailbox_form import MailboxForm, filled, typed
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import page_or_partial, redirect_to, wants_partial

blueprint = Blueprint("connection_mailboxes", __name__, url_prefix="/connections")

OFTEN = "You have tried this very often. Servers lock those out who do."


@blueprint.get("/<uuid:public_id>/mailbox")
@needs("connections", "manage")
def show(public_id: UUID) -> Response:
    """The page. Asks no server."""
    return _page(load(public_id))


@blueprint.post("/<uuid:public_id>/mailbox")
@limits.by_network("120 per hour", why=OFTEN)
@needs("connections", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Set it up or change it, then try it."""
    form = typed(load(public_id))
    if not form.validate_on_submit():
        return _page(load(public_id), form, status=422)
    try:
        _save(public_id, form.values())
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _page(load(public_id), form, status=422)
    db.session.commit()
    return redirect_to(_address(public_id), message="Saved. Trying it now.")


@blueprint.post("/<uuid:public_id>/mailbox/try")
@limits.by_network("120 per hour", why=OFTEN)
@needs("connections", "manage")
def try_out(public_id: UUID) -> BaseResponse:
    """Have a worker try it; the page shows each step."""
    connection = load(public_id)
    trials.ask(connection, person())
    db.session.commit()
    return _page(connection) if wants_partial() else redirect_to(_address(public_id))


@blueprint.post("/<uuid:public_id>/mailbox/remove")
@needs("connections", "manage")
def remove(public_id: UUID) -> BaseResponse:
    """Read it no more, and forget its sign-in."""
    actions.remove(load(public_id), person())
    db.session.commit()
    return redirect_to(
        _address(public_id), message="Removed. Mail comes back to your From address again."
    )


def _save(public_id: UUID, wanted: values.MailboxValues) -> None:
    db.session.rollback()  # a name server may take seconds: no transaction waits for it
    values.check_server(wanted, Policy.of(config.current()))
    connection = load(public_id)
    actions.save(connection, wanted, person())
    trials.ask(connection, person())


def _address(public_id: UUID) -> str:
    return url_for(".show", public_id=public_id)


def _page(
    connection: Connection, form: MailboxForm | None = None, *, status: int = 200
) -> Response:
    mailbox = queries.of(connection.id)
    return page_or_partial(
        "connections/mailbox.html",
        "connections/_mailbox_trial.html",
        status=status,
        connection=connection,
        mailbox=mailbox,
        operators=actions.OPERATORS if connection.provider == Provider.INSTALLATION else "",
        form=form or filled(connection, mailbox),
        trial=trials.of(mailbox) if mailbox else None,
        trouble=trouble.from_data(mailbox.trouble) if mailbox else None,
        counts=counting.lately(connection.id) if mailbox else None,
        may_manage=True,
    )
