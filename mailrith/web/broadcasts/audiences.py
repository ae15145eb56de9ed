"""Step 2: who gets it, through what, and when. Every change is counted and saved; nothing leaves from here."""

from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts.permissions import can
from mailrith.broadcasts import actions
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.scheduling import Skipped, Twice
from mailrith.broadcasts.writing import Edited
from mailrith.connections import queries as connections
from mailrith.connections.models import Connection
from mailrith.connections.routing import default_of
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import queries as subscribers
from mailrith.web.access import needs
from mailrith.web.broadcasts import planning, standing, sums
from mailrith.web.broadcasts.forms import AudienceForm
from mailrith.web.broadcasts.loading import load, place_of
from mailrith.web.broadcasts.planning import Choices, Question
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to, wants_partial

ADD_CONNECTION = "add-connection"  # the button that saves the plan and leads to a new connection

blueprint = Blueprint("broadcast_audiences", __name__, url_prefix="/broadcasts/<uuid:public_id>")


@blueprint.get("/audience")
@needs("broadcasts", "manage")
def edit(public_id: UUID) -> BaseResponse:
    """The form as it is planned."""
    broadcast = load(public_id)
    if not broadcast.editable:
        return redirect_to(place_of(broadcast))
    choices = _choices()
    form = planning.shown(broadcast, choices)
    return _page(broadcast, form, choices, added=planning.choose_added(form, choices))


@blueprint.post("/audience")
@needs("broadcasts", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Save the plan. While it is being chosen the answer is the new sum; otherwise the next step."""
    broadcast, choices, form = load(public_id), _choices(), AudienceForm()
    choices.fill(form)
    question: Question | None = None
    try:
        question = _put(broadcast, form, choices)
    except Edited:
        return _both(broadcast, form, choices)
    except Invalid as error:
        apply_invalid(form, error)
    if question is None and not form.errors:
        db.session.commit()
        if not wants_partial():
            return redirect_to(_next_page(broadcast))
    return _page(broadcast, form, choices, question)


def _put(broadcast: Broadcast, form: AudienceForm, choices: Choices) -> Question | None:
    """Save what the form says; or what has to be asked first. Raises Invalid and Edited."""
    if not form.validate():
        return None
    plan = planning.plan_of(form, choices)
    if isinstance(plan, Twice | Skipped):
        return plan
    actions.plan(broadcast, plan, form.version.data or 0)
    return None


def _page(
    broadcast: Broadcast,
    form: AudienceForm,
    choices: Choices,
    question: Question | None = None,
    *,
    added: Connection | None = None,
) -> Response:
    unsaved = bool(question or form.errors)
    template = "audiences/_changed.html" if wants_partial() else "audiences/edit.html"
    html = render_template(
        f"broadcasts/{template}",
        broadcast=broadcast,
        form=form,
        choices=choices,
        question=question,
        twice=isinstance(question, Twice),
        sum=sums.sum_of(planning.audience_of(form, choices), choices.way(form.connection.data)),
        added=added,
        may_connect=can(g.member, "connections", "manage"),
        saved_at=None if unsaved else (now() if wants_partial() else broadcast.updated_at),
        undo_seconds=config.current().undo_seconds,
    )
    return make_response(html, 422 if unsaved and not wants_partial() else 200)


def _both(broadcast: Broadcast, form: AudienceForm, choices: Choices) -> Response:
    """Saved in another window meanwhile: show the two, let the person choose."""
    db.session.rollback()
    names = {tag.id: tag.name for tag, _ in choices.tags}
    mine = planning.audience_of(form, choices)
    html = render_template(
        "broadcasts/audiences/both.html",
        broadcast=broadcast,
        form=form,
        theirs=standing.audience_words(broadcast.audience, names),
        mine=standing.audience_words(mine.to_json(), names),
    )
    return make_response(html, 409)


def _next_page(broadcast: Broadcast) -> str:
    """The review; or the way to a new connection, which leads back here."""
    if request.form.get("then") == ADD_CONNECTION:
        here = url_for(".edit", public_id=broadcast.public_id)
        return url_for("connection_creation.pick", next=here)
    return url_for("broadcast_reviews.show", public_id=broadcast.public_id)


def _choices() -> Choices:
    return Choices(
        subscribers.tags_with_counts(g.workspace.id),
        connections.list_for_workspace(g.workspace),
        default_of(g.workspace.id),
    )
