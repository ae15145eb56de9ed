"""Scheduled broadcasts when their time has come: out they go, or they wait for a person and say why."""

from datetime import timedelta

from mailrith.accounts.models import Workspace
from mailrith.broadcasts import launching, news
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.readiness import NotReady
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db


def start_scheduled(broadcast_id: int) -> None:
    """Start one that is due. Safe to call twice, and by two at once. The caller commits."""
    broadcast = db.session.get(Broadcast, broadcast_id, with_for_update=True)
    if broadcast is None or not _is_due(broadcast):
        return
    if _is_late(broadcast):
        _hold(broadcast, "Nothing was running when its time came, so it asks before it goes out.")
        return
    workspace = db.session.get_one(Workspace, broadcast.workspace_id)
    count = launching.count_of(broadcast)
    try:
        way = launching.ready(workspace, broadcast, count)
    except NotReady as refusal:
        _hold(broadcast, refusal.message)
        return
    if launching.claim(broadcast, BroadcastStatus.SCHEDULED, to=BroadcastStatus.RUNNING):
        agreed = count.total if broadcast.confirmed_count is None else broadcast.confirmed_count
        launching.launch(workspace, broadcast, way, confirmed_count=agreed, not_before=now())


def _is_due(broadcast: Broadcast) -> bool:
    return (
        broadcast.status == BroadcastStatus.SCHEDULED
        and not broadcast.late
        and broadcast.scheduled_at is not None
        and broadcast.scheduled_at <= now()
    )


def _is_late(broadcast: Broadcast) -> bool:
    limit = timedelta(minutes=config.current().late_minutes)
    return broadcast.scheduled_at is not None and now() - broadcast.scheduled_at > limit


def _hold(broadcast: Broadcast, why: str) -> None:
    broadcast.late = True
    broadcast.late_words = why[:500]
    news.waits(broadcast, broadcast.late_words)
