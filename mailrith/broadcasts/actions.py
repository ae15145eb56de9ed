"""The verbs of broadcasts: write, plan, send, schedule, take back. Whoever calls commits."""

from datetime import datetime, timedelta

from mailrith.accounts import audit
from mailrith.accounts.models import Workspace
from mailrith.broadcasts import confirming, launching, writing
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.queries import lock, run_of, untouched
from mailrith.broadcasts.writing import Plan, Words
from mailrith.content.document import EMPTY
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.delivery import actions as delivery
from mailrith.delivery.models import Run
from mailrith.subscribers.audience import Audience

WRITTEN = ("subject", "preview_text", "markdown", "body_document")
PLANNED = ("connection_id", "reply_to_email", "audience")
WAITING = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED)


def create(workspace: Workspace, user_id: int | None) -> Broadcast:
    """An empty draft for nobody. One that the person began and left empty is used again."""
    begun = untouched(workspace.id, user_id)
    if begun is not None:
        return begun
    broadcast = Broadcast(
        workspace_id=workspace.id,
        created_by=user_id,
        body_document=EMPTY.to_json(),
        audience=Audience().to_json(),
    )
    db.session.add(broadcast)
    db.session.flush()
    return broadcast


def write(broadcast: Broadcast, words: Words, version: int) -> None:
    """Save the letter. See writing.put_words for what it raises."""
    writing.put_words(broadcast, words, version)


def plan(broadcast: Broadcast, plan: Plan, version: int) -> None:
    """Save audience, connection and time. See writing.put_plan for what it raises."""
    writing.put_plan(broadcast, plan, version)


def duplicate(broadcast: Broadcast, user_id: int | None) -> Broadcast:
    """A new draft with the same letter, audience and connection, and no time."""
    values = {name: getattr(broadcast, name) for name in (*WRITTEN, *PLANNED)}
    copy = Broadcast(workspace_id=broadcast.workspace_id, created_by=user_id, **values)
    db.session.add(copy)
    db.session.flush()
    return copy


def delete(workspace: Workspace, broadcast: Broadcast, user_id: int | None) -> None:
    """Throw it away. Only what nobody got can be: a draft, a schedule, or one that failed."""
    lock(broadcast)
    if not broadcast.deletable:
        raise Conflict("People have it in their inbox, so its record stays. Only drafts can go.")
    _record(workspace, broadcast, user_id, "broadcast.deleted")
    db.session.delete(broadcast)


def send_now(
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    user_id: int | None,
    typed_count: str = "",
    shown_count: int | None = None,
    version: int | None = None,
) -> Run:
    """Start it; the first message leaves after the undo window. Pressed twice, it is one run.

    Raises Edited, NotReady (with the checks), Invalid for confirm_count, Conflict when it is over.
    """
    lock(broadcast)
    sent = _already_sent(broadcast)
    if sent is not None:
        return sent
    writing.check_version(broadcast, version)
    count = launching.count_of(broadcast)
    way = launching.ready(workspace, broadcast, count)
    agreed = confirming.agreed(count.total, typed_count, shown_count)
    if not launching.claim(broadcast, *WAITING, to=BroadcastStatus.RUNNING):
        return _already_sent(broadcast) or _gone()
    broadcast.scheduled_by = user_id
    wait = timedelta(seconds=config.current().undo_seconds)
    run = launching.launch(
        workspace, broadcast, way, confirmed_count=agreed, not_before=now() + wait
    )
    _record(workspace, broadcast, user_id, "broadcast.sent", people=count.total)
    return run


def undo(broadcast: Broadcast) -> None:
    """Take it back before the first message has left: a draft again, unchanged. Raises Conflict when it is too late."""
    lock(broadcast)
    run = run_of(broadcast)
    if run is None or broadcast.status != BroadcastStatus.RUNNING:
        raise Conflict("There is nothing to take back: it is not being sent.")
    broadcast.run_id = None
    db.session.flush()
    delivery.withdraw(run)
    launching.claim(broadcast, BroadcastStatus.RUNNING, to=BroadcastStatus.DRAFT)


def schedule(
    workspace: Workspace,
    broadcast: Broadcast,
    at: datetime,
    *,
    user_id: int | None,
    typed_count: str = "",
    shown_count: int | None = None,
    version: int | None = None,
) -> None:
    """Let it go out by itself at `at`. Called again, it takes the new time. Raises as `send_now` does."""
    lock(broadcast)
    if broadcast.status not in WAITING:
        raise Conflict("It has been sent, so it cannot be scheduled any more.")
    writing.check_version(broadcast, version)
    check_future(at)
    count = launching.count_of(broadcast)
    launching.ready(workspace, broadcast, count)
    agreed = confirming.agreed(count.total, typed_count, shown_count)
    if not launching.claim(broadcast, *WAITING, to=BroadcastStatus.SCHEDULED):
        raise Conflict("It has been sent meanwhile.")
    broadcast.scheduled_at = at
    broadcast.scheduled_by = user_id
    broadcast.confirmed_count = agreed
    broadcast.late = False
    broadcast.late_words = ""
    _record(workspace, broadcast, user_id, "broadcast.scheduled", at=at.isoformat())


def unschedule(workspace: Workspace, broadcast: Broadcast, user_id: int | None) -> None:
    """Back to a draft. Its time stays as the plan."""
    if broadcast.status == BroadcastStatus.DRAFT:
        return
    if not launching.claim(broadcast, BroadcastStatus.SCHEDULED, to=BroadcastStatus.DRAFT):
        raise Conflict("It is on its way already. Undo, pause or cancel it instead.")
    broadcast.confirmed_count = None
    broadcast.late = False
    broadcast.late_words = ""
    _record(workspace, broadcast, user_id, "broadcast.unscheduled")


def check_future(at: datetime) -> None:
    """Raises Invalid for a time that has passed."""
    if at <= now():
        raise Invalid("This time has passed. Choose one that is still to come.", field="at_time")


def _already_sent(broadcast: Broadcast) -> Run | None:
    return None if broadcast.status in WAITING else run_of(broadcast) or _gone()


def _gone() -> Run:
    raise Conflict("It is not a draft any more. Reload the page to see what it is.")


def _record(
    workspace: Workspace, broadcast: Broadcast, user_id: int | None, action: str, **details: object
) -> None:
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user_id,
        action=action,
        subject=broadcast.title[:200],
        details=details,
    )
