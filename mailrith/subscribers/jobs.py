"""What workers run for subscribers. Each takes ids, may run twice, and commits."""

from mailrith.core import queue
from mailrith.core.db import db
from mailrith.subscribers import checking, importing, imports
from mailrith.subscribers.models import ImportState

CHECK = "mailrith.subscribers.jobs.check_import"
RUN = "mailrith.subscribers.jobs.run_import"


def check_import(import_id: int) -> None:
    """The dry run of one import."""
    checking.run(import_id)


def run_import(import_id: int) -> None:
    """One import, from wherever it stands."""
    importing.run(import_id)


def find_lost_imports() -> None:
    """Periodic: queue again what lost its worker, and drop uploads that nobody finished."""
    for import_id, state in importing.find_silent():
        queue.enqueue(CHECK if state == ImportState.CHECKING else RUN, import_id)
    imports.drop_abandoned()
    db.session.commit()
