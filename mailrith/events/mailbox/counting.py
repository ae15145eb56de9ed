"""What the mailbox brought lately, by what each mail said."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.events.mailbox.returned import ANSWERED, SOURCE
from mailrith.events.models import HookRequest, HookRequestState

NEWEST = 1000  # mails that are looked at


@dataclass(frozen=True)
class Counts:
    """Of the last NEWEST mails that are still kept."""

    mails: int
    applied: int  # said something new about a mail of ours
    answers: int  # automatic ones, which change nobody
    waiting: int

    @property
    def others(self) -> int:
        """Understood, and about nothing of ours, or known before."""
        return self.mails - self.applied - self.answers - self.waiting


def lately(connection_id: int) -> Counts:
    """For the page."""
    rows = db.session.execute(
        select(HookRequest.state, HookRequest.results)
        .where(HookRequest.connection_id == connection_id, HookRequest.source == SOURCE)
        .order_by(HookRequest.id.desc())
        .limit(NEWEST)
    ).all()
    found = Counter(_kind(state, results) for state, results in rows)
    return Counts(len(rows), found["applied"], found["answer"], found["waiting"])


def _kind(state: HookRequestState, results: list[dict[str, str]]) -> str:
    if state == HookRequestState.RECEIVED:
        return "waiting"
    if any(result.get("outcome") == "applied" for result in results):
        return "applied"
    return "answer" if any(result.get("event") == ANSWERED for result in results) else "other"
