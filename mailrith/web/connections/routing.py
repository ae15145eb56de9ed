"""Order and fallback: which connection comes first, what happens when one stops, and how a broadcast is spread."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from mailrith.connections import routing
from mailrith.connections.models import Connection
from mailrith.connections.routing import Choice
from mailrith.core.db import db
from mailrith.core.errors import Invalid, NotFound
from mailrith.web.access import needs
from mailrith.web.connections.loading import may_manage, person
from mailrith.web.connections.rows import Row, Standing, rows_of
from mailrith.web.forms import MailrithForm, apply_invalid
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_routing", __name__, url_prefix="/connections/order")

REST, FALL_BACK = "rest", "fall-back"
ALONE, SPLIT = "alone", "split"
STEPS = {"up": -1, "down": 1}


class RoutingForm(MailrithForm):
    """The two choices. Weights come beside them as `weight-<public id>`."""

    when_down = RadioField(
        "When a connection stops in the middle of a broadcast",
        choices=[
            SelectChoice(REST, "The broadcast rests"),
            SelectChoice(FALL_BACK, "Another takes over"),
        ],
        default=REST,
    )
    spread = RadioField(
        "How a broadcast leaves that names no connection",
        choices=[
            SelectChoice(ALONE, "Through the default alone"),
            SelectChoice(SPLIT, "Split over several"),
        ],
        default=ALONE,
    )


@dataclass(frozen=True)
class Place:
    """A connection in the order. `substitutes` may stand in for it; `others` may not, and why."""

    connection: Connection
    weight: str
    substitutes: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    shares: bool  # whether it has the default's From, and so can take a part of what the default carries
    standing: Standing  # as in the list


@blueprint.get("")
@needs("connections", "view")
def show() -> Response:
    """The order, and the choices as they are."""
    choice = routing.choice_of(g.workspace.id)
    form = RoutingForm(
        formdata=None,
        data={
            "when_down": FALL_BACK if choice.fall_back else REST,
            "spread": SPLIT if choice.split else ALONE,
        },
    )
    return _page(form)


@blueprint.post("")
@needs("connections", "manage")
def save() -> BaseResponse:
    """Keep the choices and the weights."""
    form = RoutingForm()
    if form.validate():
        try:
            routing.set_weights(g.workspace, _typed_weights(), person())
            routing.choose(g.workspace, _choice(form), person())
        except Invalid as error:
            db.session.rollback()
            apply_invalid(form, error)
        else:
            db.session.commit()
            return redirect_to(url_for(".show"), message="Saved. It counts from now on.")
    return _page(form, 422)


@blueprint.post("/<uuid:public_id>/move")
@needs("connections", "manage")
def move(public_id: UUID) -> BaseResponse:
    """One step up or down. The first is the default."""
    found = next((c for c in routing.order_of(g.workspace.id) if c.public_id == public_id), None)
    if found is None:
        raise NotFound
    routing.move(g.workspace, found, STEPS.get(request.form.get("to", ""), 0), person())
    db.session.commit()
    return redirect_to(url_for(".show"))


def _page(form: RoutingForm, status: int = 200) -> Response:
    places = _places()
    html = render_template(
        "connections/routing.html",
        form=form,
        places=places,
        sharing=[place for place in places if place.shares],
        apart=[place for place in places if not place.shares],
        may_manage=may_manage(),
    )
    return make_response(html, status)


def _places() -> list[Place]:
    order, weights = routing.order_of(g.workspace.id), routing.weights_of(g.workspace.id)
    return [_place(row, order, weights.get(row.connection.id, 1)) for row in rows_of(order)]


def _place(row: Row, order: list[Connection], weight: int) -> Place:
    connection = row.connection
    judged = [(one, routing.objection(one, connection)) for one in order if one is not connection]
    return Place(
        connection,
        request.form.get(_field(connection), str(weight)),
        tuple(one.name for one, why_not in judged if why_not is None),
        tuple((one.name, why_not) for one, why_not in judged if why_not is not None),
        connection.from_email.lower() == order[0].from_email.lower(),
        row.standing,
    )


def _choice(form: RoutingForm) -> Choice:
    return Choice(fall_back=form.when_down.data == FALL_BACK, split=form.spread.data == SPLIT)


def _typed_weights() -> dict[int, int]:
    """Connection id -> parts. Raises Invalid for what is no number."""
    typed: dict[int, int] = {}
    for connection in routing.order_of(g.workspace.id):
        text = request.form.get(_field(connection), "").strip()
        if text and not text.isdecimal():
            raise Invalid(f"The share of {connection.name} has to be a whole number.")
        if text:
            typed[connection.id] = int(text)
    return typed


def _field(connection: Connection) -> str:
    return f"weight-{connection.public_id}"
