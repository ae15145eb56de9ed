"""What a person does with a broadcast that is on its way, or over: rest, go on, stop, try again, decide. Callers commit."""

from collections.abc import Collection

from mailrith.accounts import audit
from mailrith.accounts.models import Workspace
from mailrith.broadcasts import news, pauses
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.core.db import db
from mailrith.delivery import actions as delivery
from mailrith.delivery.models import Run

OVER = (BroadcastStatus.COMPLETED, BroadcastStatus.FAILED, BroadcastStatus.CANCELED)


def pause(workspace: Workspace, broadcast: Broadcast, run: Run, user_id: int) -> None:
    """Nobody is sent anything until it goes on. The sender is told when somebody else did it."""
    delivery.pause(run)
    if broadcast.scheduled_by not in (None, user_id):
        news.paused(broadcast, pauses.reason(run))
    _record(workspace, broadcast, user_id, "broadcast.paused")


def resume(workspace: Workspace, broadcast: Broadcast, run: Run, user_id: int) -> None:
    """Go on where it stopped."""
    delivery.resume(run)
    _record(workspace, broadcast, user_id, "broadcast.resumed")


def confirm_count(workspace: Workspace, broadcast: Broadcast, run: Run, user_id: int) -> None:
    """Agree to the number as it is now."""
    people = run.frozen_count
    delivery.confirm_count(run)
    _record(workspace, broadcast, user_id, "broadcast.count_confirmed", people=people)


def cancel(workspace: Workspace, broadcast: Broadcast, run: Run, user_id: int) -> None:
    """Send to nobody else."""
    delivery.cancel(run)
    _record(workspace, broadcast, user_id, "broadcast.canceled")


def try_again(
    workspace: Workspace, broadcast: Broadcast, run: Run, cause: str, user_id: int
) -> int:
    """Send again to those who failed for this cause. Gives how many."""
    people = delivery.retry_failed(run, cause)
    _goes_on(broadcast, people)
    _record(workspace, broadcast, user_id, "broadcast.retried", cause=cause, people=people)
    return people


def send_again(
    workspace: Workspace,
    broadcast: Broadcast,
    run: Run,
    delivery_ids: Collection[int] | None,
    user_id: int,
) -> int:
    """Send again to people in doubt, all without ids. They may get two. Gives how many."""
    people = delivery.resend_in_doubt(run, delivery_ids, user_id)
    _goes_on(broadcast, people)
    _record(workspace, broadcast, user_id, "broadcast.doubt_resent", people=people)
    return people


def leave(
    workspace: Workspace,
    broadcast: Broadcast,
    run: Run,
    delivery_ids: Collection[int] | None,
    user_id: int,
) -> int:
    """Do not send again to people in doubt, all without ids. Gives how many."""
    people = delivery.leave_in_doubt(run, delivery_ids, user_id)
    _record(workspace, broadcast, user_id, "broadcast.doubt_left", people=people)
    return people


def _goes_on(broadcast: Broadcast, people: int) -> None:
    db.session.refresh(broadcast)
    if people and broadcast.status in OVER:
        broadcast.status = BroadcastStatus.RUNNING
        broadcast.completed_at = None


def _record(
    workspace: Workspace, broadcast: Broadcast, user_id: int, action: str, **details: object
) -> None:
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user_id,
        action=action,
        subject=broadcast.title[:200],
        details=details,
    )
