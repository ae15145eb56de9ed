"""Many addresses onto the suppression list at once; whoever of them is here gets the status that fits the reason."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses
from mailrith.core.addresses import Address
from mailrith.core.db import db
from mailrith.subscribers import actions, statuses
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.suppression import actions as suppression
from mailrith.suppression.actions import Entry
from mailrith.suppression.models import SuppressionReason as Reason

# By whom a person of the team may be stopped this way. Others stay Active, and are kept from being mailed all the same.
_STATUSES: dict[Reason, SubscriberStatus] = {
    reason: status
    for status, reason in statuses.REASONS.items()
    if reason in {Reason.COMPLAINED, Reason.BOUNCED, Reason.BLOCKED, Reason.UNSUBSCRIBED}
}
_CHUNK = 500  # fingerprints in one IN list


def keep_off(workspace: Workspace, wanted: Sequence[tuple[Address, Reason]], source: str) -> int:
    """Suppress them all. `source` says in words where this came from. Returns how many entries are new or stronger."""
    entries = [
        Entry(addresses.fingerprint(workspace.address_salt, address.text), address.text, reason)
        for address, reason in wanted
    ]
    changed = suppression.suppress_many(workspace.id, entries, source)
    for start in range(0, len(entries), _CHUNK):
        _stop(workspace.id, entries[start : start + _CHUNK], source)
    return changed


def _stop(workspace_id: int, entries: Collection[Entry], source: str) -> None:
    here = {
        person.fingerprint: person
        for person in db.session.scalars(
            select(Subscriber).where(
                Subscriber.workspace_id == workspace_id,
                Subscriber.fingerprint.in_([entry.fingerprint for entry in entries]),
            )
        )
    }
    for entry in entries:
        person, status = here.get(entry.fingerprint), _STATUSES.get(entry.reason)
        if person is not None and status is not None:
            actions.change_status(person, status, source, source)
