"""Step 3: the checklist, the sum, and the press that starts it."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from mailrith.broadcasts import actions, launching, readiness
from mailrith.broadcasts.confirming import ASK_ABOVE
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.readiness import Check, NotReady, Result
from mailrith.broadcasts.writing import Edited
from mailrith.connections.models import Connection
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers.audience import Audience
from mailrith.web.access import needs
from mailrith.web.broadcasts import sums
from mailrith.web.broadcasts.fixes import way_out
from mailrith.web.broadcasts.forms import SendForm
from mailrith.web.broadcasts.loading import load, may_manage, place_of
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to

blueprint = Blueprint("broadcast_reviews", __name__, url_prefix="/broadcasts/<uuid:public_id>")

WAITING = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED)

# What is nearly always in order folds into one line, with these words.
_FOLDED = {
    "postal_address": "postal address",
    "unsubscribe": "unsubscribe link",
    "size": "size",
    "tags": "merge tags",
}


@dataclass(frozen=True)
class Line:
    """A check with its way out, as the macro `checks` takes it."""

    result: Result
    title: str
    text: str
    action: dict[str, str] | None = None
    short: str = ""


class Agreed(TypedDict):
    """What the person agreed to, as the actions take it."""

    typed_count: str
    shown_count: int | None
    version: int


@blueprint.get("/review")
@needs("broadcasts", "view")
def show(public_id: UUID) -> BaseResponse:
    """The review; what is on its way is shown on its own page."""
    broadcast = load(public_id)
    if broadcast.status not in WAITING and broadcast.run_id is not None:
        return redirect_to(place_of(broadcast))
    return _page(broadcast, SendForm(formdata=None))


@blueprint.post("/send")
@needs("broadcasts", "manage")
def send(public_id: UUID) -> BaseResponse:
    """Start it. Pressed twice, it is one sending."""
    broadcast, form = load(public_id), SendForm()
    try:
        actions.send_now(g.workspace, broadcast, user_id=current_user.id, **_agreed(form))
    except (Invalid, NotReady, Edited) as error:
        return _refused(broadcast, form, error)
    db.session.commit()
    return redirect_to(place_of(broadcast))


@blueprint.post("/schedule")
@needs("broadcasts", "manage")
def schedule(public_id: UUID) -> BaseResponse:
    """Let it leave by itself at the planned time."""
    broadcast, form = load(public_id), SendForm()
    if broadcast.scheduled_at is None:
        return redirect_to(_at("broadcast_audiences.edit", broadcast) + "#when")
    at, who = broadcast.scheduled_at, current_user.id
    try:
        actions.schedule(g.workspace, broadcast, at, user_id=who, **_agreed(form))
    except (Invalid, NotReady, Edited) as error:
        return _refused(broadcast, form, error)
    db.session.commit()
    return redirect_to(_at("broadcast_reviews.show", broadcast), message="Scheduled.")


@blueprint.post("/unschedule")
@needs("broadcasts", "manage")
def unschedule(public_id: UUID) -> BaseResponse:
    """Back to a draft; on the way to another time if that was pressed."""
    broadcast = load(public_id)
    actions.unschedule(g.workspace, broadcast, current_user.id)
    db.session.commit()
    if request.form.get("go") == "when":
        return redirect_to(_at("broadcast_audiences.edit", broadcast) + "#when")
    return redirect_to(
        _at("broadcast_reviews.show", broadcast), message="It is a draft again. Nothing leaves."
    )


@blueprint.post("/undo")
@needs("broadcasts", "manage")
def undo(public_id: UUID) -> BaseResponse:
    """Take it back while nothing has left."""
    broadcast = load(public_id)
    actions.undo(broadcast)
    db.session.commit()
    return redirect_to(
        _at("broadcast_reviews.show", broadcast),
        message="Taken back. Nobody was sent anything, and it is a draft again.",
    )


def _page(
    broadcast: Broadcast, form: SendForm, status: int = 200, refusal: str | None = None
) -> Response:
    way = launching.way_of(broadcast)
    connection = way.sender if way else None
    found = readiness.checklist(g.workspace, broadcast, way, launching.count_of(broadcast))
    html = render_template(
        "broadcasts/reviews/show.html",
        broadcast=broadcast,
        form=form,
        connection=connection,
        sum=sums.sum_of(Audience.from_json(broadcast.audience), way),
        refusal=refusal,
        ask_above=ASK_ABOVE,
        undo_seconds=config.current().undo_seconds,
        may_manage=may_manage(),
        **_sorted(broadcast, found),
        **_when(broadcast, connection),
    )
    return make_response(html, status)


def _sorted(broadcast: Broadcast, found: list[Check]) -> dict[str, object]:
    """The lines by result. What passes and is nearly always in order folds into one."""
    lines = {result: [check for check in found if check.result == result] for result in Result}
    spoken = [check for check in lines[Result.FINE] if check.code not in _FOLDED]
    silent = [check for check in lines[Result.FINE] if check.code in _FOLDED]
    return {
        "blocking": [_line(broadcast, check) for check in lines[Result.BLOCK]],
        "warnings": [_line(broadcast, check) for check in lines[Result.WARN]],
        "passed": [_line(broadcast, check) for check in spoken],
        "silent": [_line(broadcast, check) for check in silent],
    }


def _line(broadcast: Broadcast, check: Check) -> Line:
    short = _FOLDED.get(check.code, "")
    return Line(check.result, check.title, check.text, way_out(broadcast, check), short)


def _when(broadcast: Broadcast, connection: Connection | None) -> dict[str, object]:
    planned = broadcast.scheduled_at
    return {
        "leaves_at": planned,
        "passed_by": planned is not None and planned <= now(),
        "from_name": connection.from_name if connection else None,
    }


def _refused(broadcast: Broadcast, form: SendForm, error: Invalid | NotReady | Edited) -> Response:
    db.session.rollback()
    if isinstance(error, Invalid):
        apply_invalid(form, error)
        return _page(broadcast, form, 422)
    return _page(broadcast, form, 409, error.message)


def _agreed(form: SendForm) -> Agreed:
    form.validate()
    return {
        "typed_count": (form.confirm_count.data or "")[:40],
        "shown_count": form.shown_count.data,
        "version": form.version.data or 0,
    }


def _at(endpoint: str, broadcast: Broadcast) -> str:
    return url_for(endpoint, public_id=broadcast.public_id)
