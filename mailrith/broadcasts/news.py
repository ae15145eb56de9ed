"""What the sender is told by mail when nobody looks at the screen: finished, failed, paused, or did not start."""

from mailrith.accounts import system_mail
from mailrith.accounts.models import User, Workspace
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.pauses import Reason
from mailrith.core import config
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState

Counts = dict[DeliveryState, int]


def finished(broadcast: Broadcast, counts: Counts) -> None:
    """It is over, with what came of it."""
    lines = [f"{counts[DeliveryState.SENT]:,} of {sum(counts.values()):,} were accepted."]
    for state, words in (
        (DeliveryState.FAILED, "failed. The report says why and for whom."),
        (DeliveryState.IN_DOUBT, "may or may not have it. Only you can decide about them."),
        (DeliveryState.SKIPPED, "were skipped, because they left in the meantime."),
        (DeliveryState.CANCELED, "were not sent to, because the rest was canceled."),
    ):
        if counts[state]:
            lines.append(f"{counts[state]:,} {words}")
    canceled = bool(counts[DeliveryState.CANCELED])
    _tell(broadcast, "Canceled" if canceled else "Sent", lines)


def failed(broadcast: Broadcast, why: Reason) -> None:
    """It ended before anything was sent."""
    _tell(broadcast, "Not sent", [f"{why.title}. {why.text}", *why.todo])


def paused(broadcast: Broadcast, why: Reason) -> None:
    """It rests."""
    _tell(broadcast, "Paused", [f"{why.title}. {why.text}", *why.todo])


def waits(broadcast: Broadcast, why: str) -> None:
    """Its time came, and it did not start by itself."""
    last = "Nothing has left. Open it to send it now, give it another time, or take it back."
    _tell(broadcast, "Not started", [why, last])


def _tell(broadcast: Broadcast, what: str, lines: list[str]) -> None:
    person = db.session.get(User, broadcast.scheduled_by or broadcast.created_by or 0)
    workspace = db.session.get(Workspace, broadcast.workspace_id)
    if person is None or workspace is None:
        return
    link = f"{config.current().public_url}/w/{workspace.slug}/broadcasts/{broadcast.public_id}"
    system_mail.write(
        "broadcast",
        person.email,
        what=what,
        title=broadcast.title,
        workspace=workspace.name,
        lines=lines,
        link=link,
        verb="Open the broadcast",
    )
