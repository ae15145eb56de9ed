"""People who may or may not have it: who they are, and the two decisions."""

from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from mailrith.broadcasts import report_queries, steering
from mailrith.broadcasts.carriers import carriers_of
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.delivery import queries as ledger
from mailrith.web.access import needs
from mailrith.web.broadcasts import outcomes
from mailrith.web.broadcasts.loading import load_with_run, may_manage
from mailrith.web.respond import redirect_to

blueprint = Blueprint("broadcast_doubts", __name__, url_prefix="/broadcasts/<uuid:public_id>")


@blueprint.get("/in-doubt")
@needs("broadcasts", "view")
def show(public_id: UUID) -> str:
    """Names, how far it got, and what was heard since."""
    broadcast, run = load_with_run(public_id)
    page = ledger.in_doubt_page(run, request.args.get("after"), request.args.get("before"))
    return render_template(
        "broadcasts/doubts/show.html",
        broadcast=broadcast,
        run=run,
        page=page,
        people=report_queries.people_of(page.items),
        counts=outcomes.counts_of(ledger.counts(run.id)),
        open_count=report_queries.undecided(run),
        carriers=carriers_of(run),
        may_manage=may_manage(),
    )


@blueprint.post("/in-doubt/again")
@needs("broadcasts", "manage")
def again(public_id: UUID) -> BaseResponse:
    """Send again; they may get two."""
    broadcast, run = load_with_run(public_id)
    people = steering.send_again(g.workspace, broadcast, run, _ticked(), current_user.id)
    db.session.commit()
    return redirect_to(_here(public_id), message=f"Sending again to {_people(people)}.")


@blueprint.post("/in-doubt/leave")
@needs("broadcasts", "manage")
def leave(public_id: UUID) -> BaseResponse:
    """Do not send again."""
    broadcast, run = load_with_run(public_id)
    people = steering.leave(g.workspace, broadcast, run, _ticked(), current_user.id)
    db.session.commit()
    return redirect_to(_here(public_id), message=f"{_people(people).capitalize()} left as it is.")


def _ticked() -> list[int] | None:
    """The deliveries that were ticked; None stands for all of them, which has to be said."""
    if request.form.get("all") == "yes":
        return None
    ticked = [int(value) for value in request.form.getlist("delivery") if value.isdecimal()]
    if not ticked:
        raise Invalid("Tick the people you want to decide about first.")
    return ticked


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _here(public_id: UUID) -> str:
    return url_for("broadcast_doubts.show", public_id=public_id)
