"""The verbs of an import: receive a file or pasted lines, map, state the consent, start, cancel. Jobs do the rest."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core import config, queue, storage
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.subscribers import files, planning, rows, wording
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.files import Layout, Unreadable
from mailrith.subscribers.findings import Findings
from mailrith.subscribers.models import TAG_CHARS, Import, ImportRefusal, ImportState

FOLDER = "imports"
MEGABYTE = 1 << 20
ABANDONED_AFTER = timedelta(days=2)
MAX_TAGS = 20  # given to everybody

OPEN = (ImportState.PENDING, ImportState.CHECKING, ImportState.READY)

# What people call the columns that we have a place for, casefolded, without blanks and dashes.
_GUESSES = {
    rows.EMAIL: ("email", "emailaddress", "mail", "address", "emails", "correo", "courriel"),
    rows.NAME: ("name", "fullname", "firstname", "givenname", "vorname", "prenom", "nombre"),
    rows.TAGS: ("tags", "tag", "groups", "group", "labels", "lists"),
}


def get(workspace_id: int, public_id: UUID) -> Import | None:
    """The import of that public id, if it is one of this workspace."""
    return db.session.scalar(
        select(Import).where(Import.workspace_id == workspace_id, Import.public_id == public_id)
    )


def receive(workspace: Workspace, user_id: int, file_name: str, stream: IO[bytes]) -> Import:
    """Keep an uploaded file. Raises Invalid(field="file") with the sentence why it cannot be imported."""
    limit = config.current().upload_megabytes
    saved = storage.save(FOLDER, stream, limit_bytes=limit * MEGABYTE)
    if saved is None:
        raise Invalid(too_big(), field="file")
    key, size = saved
    with storage.opened(key) as file:
        layout = files.inspect(file)
    if isinstance(layout, Unreadable):
        storage.delete(key)
        raise Invalid(layout.sentence, field="file")
    brought = Import(
        workspace_id=workspace.id,
        created_by=user_id,
        file_name=wording.one_line(file_name)[-200:] or "list.csv",
        storage_key=key,
        size_bytes=size,
        dialect=layout.to_json(),
        mapping={"places": guess(layout.columns), "existing": planning.MERGE},
    )
    db.session.add(brought)
    db.session.flush()
    return brought


def paste(workspace: Workspace, user_id: int, text: str) -> Import:
    """Pasted lines, one person each: an address, and a name after a comma, or before <address>."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow(["Email", "Name"])
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise Invalid("Choose a file, or paste at least one address.", field="file")
    table.writerows(_pasted(line) for line in lines)
    stream = io.BytesIO(written.getvalue().encode("utf-8", "replace"))
    return receive(workspace, user_id, "Pasted addresses", stream)


def too_big() -> str:
    """The sentence for a file over the limit."""
    limit = config.current().upload_megabytes
    return f"The file is larger than {limit} MB, the most that one import takes. Cut it into parts and bring them one by one."


def guess(columns: list[str]) -> dict[str, int]:
    """Which column is which, by name. Targets without a guess are absent."""
    places: dict[str, int] = {}
    for target, names in _GUESSES.items():
        for place, column in enumerate(columns):
            plain = "".join(c for c in column.casefold() if c.isalnum())
            if plain in names and target not in places and place not in places.values():
                places[target] = place
    return places


def map_columns(
    brought: Import, places: Mapping[str, int], *, existing: str, tags: Iterable[str]
) -> None:
    """Say which column goes where, what happens to people already here, and which tags everybody gets."""
    _open(brought)
    columns = Layout.from_json(brought.dialect).columns
    if rows.EMAIL not in places:
        raise Invalid("Say which column holds the e-mail address.", field="columns")
    if len(set(places.values())) != len(places):
        raise Invalid("A column can only go into one place.", field="columns")
    if not all(target in rows.TARGETS and 0 <= at < len(columns) for target, at in places.items()):
        raise Invalid("The file has no such column. Load this page again.", field="columns")
    if existing not in planning.POLICIES:
        raise Invalid("Say what happens to people who are here already.", field="existing")
    brought.mapping = {"places": dict(places), "existing": existing}
    brought.tags = _tag_names(tags)
    _unchecked(brought)


def state_consent(brought: Import, proof: Proof) -> None:
    """Keep how these people agreed, and have every row checked."""
    _open(brought)
    if rows.EMAIL not in brought.mapping["places"]:
        raise Conflict("Match the columns first.")
    if not proof.source.strip():
        raise Invalid("Say where they agreed to get your mail.", field="source")
    if proof.collected_at > now():
        raise Invalid(
            "They cannot have agreed in the future. Check the date.", field="collected_on"
        )
    brought.consent = {
        "basis": proof.basis,
        "source": proof.source.strip()[:512],
        "collected_at": proof.collected_at.isoformat(),
    }
    _unchecked(brought)
    brought.state = ImportState.CHECKING
    brought.pulse_at = now()
    queue.enqueue("mailrith.subscribers.jobs.check_import", brought.id)


def start(brought: Import) -> None:
    """Begin to write. Raises Conflict unless the import has been checked."""
    if brought.state in (ImportState.QUEUED, ImportState.PROCESSING):
        return  # pressed twice
    if brought.state != ImportState.READY:
        raise Conflict(
            "This import cannot be started now. Load the page again to see where it stands."
        )
    findings = Findings.from_json(brought.findings)
    if findings.too_many_tags:
        raise Conflict("This would make more than 500 new tags. Choose another column for tags.")
    if not findings.will_be_written:
        raise Conflict("There is nobody to write in this file.")
    brought.state = ImportState.QUEUED
    brought.pulse_at = now()
    queue.enqueue("mailrith.subscribers.jobs.run_import", brought.id)


def cancel(brought: Import) -> None:
    """Leave it. What has been written stays; a batch at work is finished or taken back whole."""
    if brought.state == ImportState.PROCESSING:
        brought.cancel_requested = True
    elif brought.state in (*OPEN, ImportState.QUEUED):
        brought.state = ImportState.CANCELED
        brought.completed_at = now()
        storage.delete(brought.storage_key)


def drop_abandoned() -> None:
    """Cancel what was uploaded and never started."""
    for brought in db.session.scalars(
        select(Import)
        .where(Import.state.in_(OPEN), Import.created_at < now() - ABANDONED_AFTER)
        .limit(100)
    ):
        cancel(brought)


def recent(workspace_id: int, limit: int = 10) -> list[Import]:
    """The newest imports that were started, newest first."""
    return list(
        db.session.scalars(
            select(Import)
            .where(Import.workspace_id == workspace_id, Import.started_at.is_not(None))
            .order_by(Import.id.desc())
            .limit(limit)
        )
    )


def refusals(brought: Import, limit: int = 20) -> list[ImportRefusal]:
    """The first rows that were not taken."""
    return list(
        db.session.scalars(
            select(ImportRefusal)
            .where(ImportRefusal.import_id == brought.id)
            .order_by(ImportRefusal.id)
            .limit(limit)
        )
    )


def _open(brought: Import) -> None:
    if brought.state not in OPEN:
        raise Conflict("This import has been started, so it cannot be changed any more.")


def _unchecked(brought: Import) -> None:
    brought.state = ImportState.PENDING
    brought.findings, brought.rows_total = {}, 0


def _tag_names(names: Iterable[str]) -> list[str]:
    clean = [name for name in map(wording.one_line, names) if name]
    kept = list({name.casefold(): name for name in clean}.values())
    if len(kept) > MAX_TAGS:
        raise Invalid(f"At most {MAX_TAGS} tags can be given to everybody.", field="tags")
    if any(len(name) > TAG_CHARS for name in kept):
        raise Invalid(f"A tag has at most {TAG_CHARS} characters.", field="tags")
    return kept


def _pasted(line: str) -> tuple[str, str]:
    name, bracket, rest = line.partition("<")
    if bracket:
        return rest.partition(">")[0].strip(), name.strip(" \"',")
    for sign in (",", ";", "\t"):
        if sign in line:
            email, _, name = line.partition(sign)
            return email.strip(), name.strip()
    return line.strip(), ""
