"""From the form to the list: what was pasted or brought as a file, and the sentence that says what became of it."""

from dataclasses import dataclass

from flask import g, request

from mailrith.accounts import audit
from mailrith.core.errors import Invalid
from mailrith.subscribers.keeping_off import keep_off
from mailrith.suppression import reading
from mailrith.suppression.models import SuppressionReason
from mailrith.suppression.reading import Found
from mailrith.web.filters import number, plural
from mailrith.web.forms import text
from mailrith.web.subscribers.loading import signature, user
from mailrith.web.suppressions.forms import REASONS, AddForm

NOTE_CHARS = 120


@dataclass(frozen=True)
class Added:
    """What became of it. `changed` entries are new or have a stronger reason now."""

    found: Found
    changed: int

    @property
    def sentence(self) -> str:
        """For the toast."""
        there = len({address.key for address, _ in self.found.entries}) - self.changed
        said = f"{plural(self.changed, 'address is', 'addresses are')} on the list now."
        if there:
            said += f" {number(there)} {'was' if there == 1 else 'were'} there before."
        if self.found.unread_count:
            said += f" {plural(self.found.unread_count, 'line was', 'lines were')} left out."
        return said


def add(form: AddForm) -> Added:
    """Raises Invalid for what cannot be used."""
    found, brought = _read(form)
    if not found.entries:
        raise Invalid(_nobody(found), field="file" if brought else "pasted")
    if found.too_many:
        raise Invalid(
            f"More than {number(reading.MOST)} addresses. Bring them in parts.",
            field="file" if brought else "pasted",
        )
    reason = _reason(form)
    source = _source(form)
    entries = [(address, said or reason) for address, said in found.entries]
    changed = keep_off(g.workspace, entries, source)
    audit.record(
        account_id=g.workspace.account_id,
        workspace_id=g.workspace.id,
        user_id=user().id,
        action="suppressions.imported" if brought else "suppressions.added",
        subject=g.workspace.name,
        details={"addresses": len(entries), "changed": changed, "reason": str(reason)},
    )
    return Added(found, changed)


def _read(form: AddForm) -> tuple[Found, bool]:
    """What was found, and whether it came as a file."""
    file = request.files.get("upload")
    if file is not None and file.filename:
        return reading.read(reading.decoded(file.read())), True
    return reading.read(text(form.pasted)), False


def _nobody(found: Found) -> str:
    if not found.unread:
        return "There is no address here."
    return f"No address can be read here. The first line begins: {found.unread[0][:40]}"


def _reason(form: AddForm) -> SuppressionReason:
    chosen = text(form.reason)
    if chosen not in set(map(str, REASONS)):
        raise Invalid("Choose why.", field="reason")
    return SuppressionReason(chosen)


def _source(form: AddForm) -> str:
    note = " ".join("".join(c if c.isprintable() else " " for c in text(form.note)).split())
    if len(note) > NOTE_CHARS:
        raise Invalid(f"At most {NOTE_CHARS} characters, please.", field="note")
    return f"Added by {signature()[:60]}" + (f": {note}" if note else "")
