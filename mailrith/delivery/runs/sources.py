"""Who sends the runs of a source, where that is not `slices`. Higher packages add themselves at start."""

from collections.abc import Callable

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.models import Run

MESSAGE = "message"  # single messages: their recipients share one Message-ID

Sender = Callable[[int, int | None], object]  # (run id, connection id or None for the run's first)

_senders: dict[str, Sender] = {}


def register(source: str, sender: Sender) -> None:
    """Let `sender` work on the runs of this source. Called in `create_app`; a second time changes nothing."""
    _senders[source] = sender


def sender_of(run_id: int) -> Sender | None:
    """Who sends this run; None for `slices`, and for a run that is gone. Ends the transaction."""
    source = db.session.scalar(select(Run.source).where(Run.id == run_id))
    db.session.rollback()
    return _senders.get(source or "")
