"""A program asked for a connection or another sign-in: what it wants, the way to the form, and that it is done."""

from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts import queries as accounts
from mailrith.connections import presets, queries, setups
from mailrith.connections.models import Connection, Provider
from mailrith.connections.setups import ConnectionSetup
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Forbidden
from mailrith.web.access import needs
from mailrith.web.connections import returning
from mailrith.web.connections.loading import person
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_setups", __name__, url_prefix="/connections/setups")


@blueprint.get("/<uuid:public_id>")
@needs("connections", "manage")
def show(public_id: UUID) -> Response:
    """What is asked for; with `connection` in the address, the one that was made and waits to be named."""
    return _page(_load(public_id), _made(request.args.get(returning.CHOICE)))


@blueprint.post("/<uuid:public_id>")
@needs("connections", "manage")
def finish(public_id: UUID) -> BaseResponse:
    """Name the new connection to the program."""
    setup = _load(public_id)
    made = _made(request.form.get(returning.CHOICE)) or abort(404)
    try:
        setups.finish(setup, made, person())
    except (Conflict, Forbidden) as refused:
        db.session.rollback()
        return _page(_load(public_id), None, refused.message, status=refused.status)
    db.session.commit()
    return redirect_to(
        url_for(".show", public_id=public_id), message=f"{made.name} is handed over."
    )


def wished_behind(target: str | None) -> dict[str, str]:
    """What a program proposed for a new connection, by the form's names, when the way back leads to its page."""
    last = urlsplit(target or "").path.rpartition("/")[2]
    try:
        setup = setups.get(g.workspace.id, UUID(last))
    except ValueError:
        return {}
    if setup is None or target != url_for("connection_setups.show", public_id=setup.public_id):
        return {}
    wishes = {name: getattr(setup, name) for name in ("name", "from_name", "from_email")}
    return {name: wish for name, wish in wishes.items() if wish}


def _load(public_id: UUID) -> ConnectionSetup:
    return setups.get(g.workspace.id, public_id) or abort(404)


def _made(text: str | None) -> Connection | None:
    try:
        return queries.get(g.workspace.id, UUID(text)) if text else None
    except ValueError:
        return None


def _page(
    setup: ConnectionSetup, made: Connection | None, problem: str = "", *, status: int = 200
) -> Response:
    asker = accounts.user_numbered(setup.asked_by) if setup.asked_by else None
    page = render_template(
        "connections/setup.html",
        setup=setup,
        state=setups.state_of(setup).value,
        connection=setups.connection_of(setup),
        made=made,
        asker=asker,
        form_url=_form_url(setup),
        proposed=_proposed(setup),
        problem=problem,
    )
    return make_response(page, status)


def _form_url(setup: ConnectionSetup) -> str:
    """The form of the proposed service, or the choice of one; both lead back here."""
    back = url_for(".show", public_id=setup.public_id)
    if not setup.provider:
        return url_for("connection_creation.pick", next=back)
    return url_for("connection_creation.fill", provider=setup.provider, next=back)


def _proposed(setup: ConnectionSetup) -> list[tuple[str, str]]:
    service = presets.of(Provider(setup.provider)).label if setup.provider else ""
    values = (
        ("Name", setup.name),
        ("Service", service),
        ("From name", setup.from_name),
        ("From email", setup.from_email),
    )
    return [(label, value) for label, value in values if value]
