"""What became of a broadcast: the sum, the errors, what was heard since, and everybody by outcome."""

from uuid import UUID

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from mailrith.broadcasts import pauses, report_queries
from mailrith.broadcasts.carriers import carriers_of
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.delivery import queries as ledger
from mailrith.delivery.models import DeliveryState
from mailrith.events import queries as events
from mailrith.subscribers import queries as subscribers
from mailrith.web.access import needs
from mailrith.web.broadcasts import outcomes, standing
from mailrith.web.broadcasts.loading import load_with_run, may_manage

blueprint = Blueprint("broadcast_reports", __name__, url_prefix="/broadcasts/<uuid:public_id>")

# States of the people list, as they read; those on the wire are a matter of seconds.
STATES = (
    (DeliveryState.SENT, "Sent"),
    (DeliveryState.FAILED, "Failed"),
    (DeliveryState.IN_DOUBT, "In doubt"),
    (DeliveryState.DEFERRED, "Deferred"),
    (DeliveryState.QUEUED, "Queued"),
    (DeliveryState.SKIPPED, "Skipped"),
    (DeliveryState.CANCELED, "Canceled"),
)


@blueprint.get("/report")
@needs("broadcasts", "view")
def show(public_id: UUID) -> BaseResponse | str:
    """The report."""
    broadcast, run = load_with_run(public_id)
    names = {tag.id: tag.name for tag in subscribers.tags(g.workspace.id)}
    return render_template(
        "broadcasts/reports/show.html",
        broadcast=broadcast,
        run=run,
        counts=outcomes.counts_of(ledger.counts(run.id)),
        groups=ledger.error_groups(run),
        facts=events.people_by_kind(g.workspace.id, run.id),
        unsubscribed=report_queries.unsubscribed_since(run),
        audience=standing.audience_words(run.audience, names),
        reason=pauses.reason(run) if broadcast.status == BroadcastStatus.FAILED else None,
        carriers=carriers_of(run),
        may_manage=may_manage(),
    )


@blueprint.get("/people")
@needs("broadcasts", "view")
def people(public_id: UUID) -> str:
    """Everybody of one outcome, and of one cause if asked."""
    broadcast, run = load_with_run(public_id)
    state, cause = _state(request.args.get("state", "")), request.args.get("cause")
    page = ledger.people_page(
        run, state, cause, after=request.args.get("after"), before=request.args.get("before")
    )
    return render_template(
        "broadcasts/reports/people.html",
        broadcast=broadcast,
        page=page,
        facts=events.facts_of([delivery.id for delivery in page.items]),
        state=state,
        cause=cause,
        states=STATES,
        labels=dict(STATES),
        counts=ledger.counts(run.id),
        people=report_queries.people_of(page.items),
        carriers=carriers_of(run),
        titles={group.cause: group.title for group in ledger.error_groups(run)},
    )


def _state(name: str) -> DeliveryState | None:
    return DeliveryState(name) if name in set(DeliveryState) else None
