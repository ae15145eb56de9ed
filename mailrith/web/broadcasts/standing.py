"""How a broadcast stands, in the words, the glyph and the colour of the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailrith.broadcasts import pauses, queries
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.delivery import queries as ledger
from mailrith.delivery.models import DeliveryState, Run, RunPhase
from mailrith.subscribers import queries as subscribers
from mailrith.subscribers.audience import EVERYONE, Audience


@dataclass(frozen=True)
class Row:
    """One line of the list. `percent` is there while it is sending or paused."""

    broadcast: Broadcast
    label: str
    glyph: str
    tone: str = ""
    audience: str = ""
    percent: int | None = None
    sent: int | None = None
    people: int | None = None
    at: datetime | None = None
    edited: bool = False
    note: str = ""


_PLAIN = {
    BroadcastStatus.DRAFT: ("Draft", "circle-dashed", ""),
    BroadcastStatus.SCHEDULED: ("Scheduled", "clock", "ink"),
    BroadcastStatus.COMPLETED: ("Sent", "check", "ink"),
    BroadcastStatus.FAILED: ("Failed", "circle-alert", "bad"),
    BroadcastStatus.CANCELED: ("Canceled", "circle-minus", ""),
}


def rows(workspace_id: int, broadcasts: Sequence[Broadcast]) -> list[Row]:
    """The lines for a page of broadcasts."""
    runs = queries.runs_of(broadcasts)
    names = {tag.id: tag.name for tag in subscribers.tags(workspace_id)}
    return [_row(found, runs.get(found.run_id or 0), names) for found in broadcasts]


def audience_words(stored: dict[str, object], names: Mapping[int, str]) -> str:
    """Whom it is for, in one line: "Weekly readers, London; without Bought the course"."""
    chosen = Audience.from_json(stored)
    if chosen.reaches_nobody:
        return "No audience yet"
    groups = [names.get(tag, "a deleted tag") for tag in chosen.with_tags]
    words = "Everyone" if chosen.mode == EVERYONE else ", ".join(groups)
    without = ", ".join(names.get(tag, "a deleted tag") for tag in chosen.without_tags)
    return f"{words}; without {without}" if without else words


def _row(broadcast: Broadcast, run: Run | None, names: Mapping[int, str]) -> Row:
    audience = audience_words(broadcast.audience, names)
    if run is None:
        return _waiting(broadcast, audience)
    if broadcast.status == BroadcastStatus.RUNNING:
        return _moving(broadcast, run, audience)
    label, glyph, tone = _PLAIN[broadcast.status]
    failed = broadcast.status == BroadcastStatus.FAILED and run.pause_cause
    return Row(
        broadcast,
        label,
        glyph,
        tone,
        audience,
        people=run.frozen_count or 0,
        at=run.started_at or run.created_at,
        note=f"{pauses.reason(run).title}, nothing sent" if failed else "",
    )


def _waiting(broadcast: Broadcast, audience: str) -> Row:
    label, glyph, tone = _PLAIN.get(broadcast.status, _PLAIN[BroadcastStatus.DRAFT])
    if broadcast.status != BroadcastStatus.SCHEDULED:
        return Row(broadcast, label, glyph, tone, audience, at=broadcast.updated_at, edited=True)
    if broadcast.late:
        label, glyph, tone = "Waits for you", "triangle-alert", "warn"
    return Row(
        broadcast,
        label,
        glyph,
        tone,
        audience,
        people=broadcast.confirmed_count,
        at=broadcast.scheduled_at,
        note=broadcast.late_words,
    )


def _moving(broadcast: Broadcast, run: Run, audience: str) -> Row:
    progress = ledger.progress(run)
    label, glyph, tone, note = f"Sending, {progress.percent}%", "loader", "go", ""
    if run.phase == RunPhase.PAUSED:
        label, glyph, tone, note = "Paused", "pause", "warn", pauses.reason(run).title
    elif run.phase in (RunPhase.QUEUED, RunPhase.PREPARING):
        label, note = "Preparing", "Nothing has left yet"
    elif run.phase == RunPhase.CANCELING:
        label, glyph, tone = "Canceling", "circle-minus", "warn"
    return Row(
        broadcast,
        label,
        glyph,
        tone,
        audience,
        percent=progress.percent,
        sent=progress.counts[DeliveryState.SENT],
        people=progress.total or run.confirmed_count,
        at=run.started_at or run.created_at,
        note=note,
    )
