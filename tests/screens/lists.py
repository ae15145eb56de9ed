"""A list in each stage of being brought in."""

from typing import Any

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers import imports
from mailrith.subscribers.models import Import, ImportState
from tests.support import factories_subscribers as lists

HEAD = "Email address;Name;Tags;Plot\n"
PEOPLE = (
    ("wren.holloway{}@fenmail.example", "Wren Holloway", "Seed swap"),
    ("tomos{}@pritchardfamily.example", "Tomos Pritchard", "Seed swap, London"),
    ("greenfingers{}@mailbox.example", "", ""),
    ("k.asante-boateng{}@northcollege.example", "Kwame Asante-Boateng", "Course"),
)
BROKEN = (
    "m.t.hale@@postbox.example;M. T. Hale;;12",
    "not an address;Somebody;;",
    "wren.holloway1@fenmail.example;Wren again;;",
    ";No address at all;;4",
)


def make(ids: dict[str, Any]) -> None:
    """Fill `ids` with an import for each page of its way. Commits."""
    workspace, user_id = ids["workspace"], ids["user"].id

    def keep(name: str, brought: Import) -> None:
        brought.created_by = user_id
        db.session.commit()
        ids[name] = brought.public_id

    keep("import_columns", lists.receive(workspace, _file(400), user_id=user_id))
    brought = lists.receive(workspace, _file(400), user_id=user_id)
    imports.map_columns(
        brought, imports.guess(brought.dialect["columns"]), existing="merge", tags=("Imported",)
    )
    keep("import_consent", brought)
    keep("import_ready", lists.ready(workspace, _file(1240), tags=("Imported",)))
    running = lists.ready(workspace, _file(1240), tags=("Imported",))
    imports.start(running)
    running.state, running.rows_done, running.started_at = ImportState.PROCESSING, 812, now()
    running.added, running.updated, running.unchanged, running.refused = 640, 131, 38, 3
    keep("import_running", running)
    keep("import_done", lists.bring(workspace, _file(240), tags=("Imported",)))


def _file(rows: int) -> str:
    lines = []
    for at in range(rows):
        email, name, tags = PEOPLE[at % len(PEOPLE)]
        lines.append(f"{email.format(at)};{name};{tags};{at}")
    return HEAD + "\n".join([*lines, *BROKEN]) + "\n"
