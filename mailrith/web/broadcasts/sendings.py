"""Sending, live: how far it is, what went wrong, and the brakes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts.models import Workspace
from mailrith.broadcasts import pauses, steering
from mailrith.broadcasts.carriers import carriers_of
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.progress import Pace, pace_of
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import actions as delivery
from mailrith.delivery import queries as ledger
from mailrith.delivery.models import Run, RunPhase
from mailrith.web.access import needs
from mailrith.web.broadcasts import outcomes
from mailrith.web.broadcasts.loading import load_with_run, may_manage
from mailrith.web.respond import STOP_POLLING, redirect_to, wants_partial

blueprint = Blueprint("broadcast_sendings", __name__, url_prefix="/broadcasts/<uuid:public_id>")

Brake = Callable[[Workspace, Broadcast, Run, int], None]


@blueprint.get("/progress")
@needs("broadcasts", "view")
def show(public_id: UUID) -> Response:
    """The page, and every two seconds its moving part; the last answer ends the asking."""
    broadcast, run = load_with_run(public_id)
    progress = ledger.progress(run)
    over = run.phase == RunPhase.FINISHED
    template = "_progress.html" if wants_partial() else "show.html"
    html = render_template(
        f"broadcasts/sendings/{template}",
        broadcast=broadcast,
        run=run,
        phase=str(run.phase),
        progress=progress,
        counts=outcomes.counts_of(progress.counts),
        groups=ledger.error_groups(run),
        **_rest(run),
        carriers=carriers_of(run),
        **_times(run, pace_of(run, progress)),
        over=over,
        may_manage=may_manage(),
    )
    return make_response(html, STOP_POLLING if over and wants_partial() else 200)


@blueprint.get("/cancel")
@needs("broadcasts", "manage")
def confirm_cancel(public_id: UUID) -> str:
    """Ask first, where no script opens the dialog."""
    broadcast, run = load_with_run(public_id)
    progress = ledger.progress(run)
    return render_template(
        "broadcasts/sendings/cancel.html", broadcast=broadcast, progress=progress
    )


@blueprint.post("/pause")
@needs("broadcasts", "manage")
def pause(public_id: UUID) -> BaseResponse:
    """Let it rest."""
    return _brake(public_id, steering.pause)


@blueprint.post("/resume")
@needs("broadcasts", "manage")
def resume(public_id: UUID) -> BaseResponse:
    """Go on."""
    return _brake(public_id, steering.resume)


@blueprint.post("/confirm-count")
@needs("broadcasts", "manage")
def confirm_count(public_id: UUID) -> BaseResponse:
    """Agree to the grown number."""
    return _brake(public_id, steering.confirm_count)


@blueprint.post("/cancel")
@needs("broadcasts", "manage")
def cancel(public_id: UUID) -> BaseResponse:
    """Send to nobody else."""
    return _brake(public_id, steering.cancel)


@blueprint.post("/retry")
@needs("broadcasts", "manage")
def retry(public_id: UUID) -> BaseResponse:
    """Send again to those who failed for one cause."""
    broadcast, run = load_with_run(public_id)
    cause = request.form.get("cause", "")
    people = steering.try_again(g.workspace, broadcast, run, cause, current_user.id)
    db.session.commit()
    said = "Nobody was left to try again." if not people else f"Trying {people:,} again."
    return redirect_to(_here(public_id), message=said)


def _rest(run: Run) -> dict[str, object]:
    """Why it rests, and whether a press would make it go on."""
    resumable = run.phase == RunPhase.PAUSED and delivery.can_go_on(run)
    return {"reason": pauses.reason(run) if run.pause_cause else None, "resumable": resumable}


def _brake(public_id: UUID, act: Brake) -> BaseResponse:
    broadcast, run = load_with_run(public_id)
    act(g.workspace, broadcast, run, current_user.id)
    db.session.commit()
    return redirect_to(_here(public_id))


def _here(public_id: UUID) -> str:
    return url_for("broadcast_sendings.show", public_id=public_id)


def _times(run: Run, pace: Pace) -> dict[str, object]:
    """How fast it goes, when it begins, and when it is through."""
    left, moment = pace.seconds_left, now()
    return {
        "pace": pace,
        "done_near": None if left is None else moment + timedelta(seconds=left),
        "starts_in": max(0, round((run.not_before - moment).total_seconds())),
    }
