"""What a workspace has decided about events: when soft bounces end an address, and where a complaint counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from mailrith.accounts.models import Account, Workspace
from mailrith.core.db import db
from mailrith.core.errors import Forbidden, Invalid
from mailrith.suppression.models import ComplaintPolicy, SoftBouncePolicy

BOUNCES = (3, 20)  # fewer says nothing yet, more never comes
DAYS = (7, 90)  # a full mailbox or a broken server is mended within a week


@dataclass(frozen=True, slots=True)
class SoftBounces:
    """A run is `bounces` soft bounces without a delivery between them, the last at least `days` after the first."""

    bounces: int = 5
    days: int = 14

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)


def soft_bounces(workspace_id: int) -> SoftBounces:
    """What holds in this workspace."""
    return soft_bounces_of([workspace_id])[workspace_id]


def soft_bounces_of(workspace_ids: Collection[int]) -> dict[int, SoftBounces]:
    """What holds in each of these workspaces; all of them are there."""
    rows = db.session.scalars(
        select(SoftBouncePolicy).where(SoftBouncePolicy.workspace_id.in_(workspace_ids))
    )
    chosen = {row.workspace_id: SoftBounces(row.bounces, row.days) for row in rows}
    return {key: chosen.get(key, SoftBounces()) for key in workspace_ids}


def choose_soft_bounces(workspace: Workspace, chosen: SoftBounces) -> SoftBounces | None:
    """From now on this holds. Returns what held before, or None when nothing changes. Raises Invalid.

    It counts when the next bounce comes; nobody's status changes by it.
    """
    _check(chosen.bounces, BOUNCES, "bounces")
    _check(chosen.days, DAYS, "days")
    before = soft_bounces(workspace.id)
    if before == chosen:
        return None
    row = db.session.get(SoftBouncePolicy, workspace.id)
    if row is None:
        row = SoftBouncePolicy(workspace_id=workspace.id)
        db.session.add(row)
    row.bounces, row.days = chosen.bounces, chosen.days
    return before


def complaints_everywhere(account_id: int) -> bool:
    """Whether a complaint in one workspace counts in all of the account."""
    row = db.session.get(ComplaintPolicy, account_id)
    return row is not None and row.everywhere


def may_choose_complaints(account_id: int, user_id: int) -> bool:
    """Whether this is the account's owner. It reaches into every workspace, so nobody else decides it."""
    account = db.session.get(Account, account_id)
    return account is not None and account.owner_id == user_id


def choose_complaints(account_id: int, *, everywhere: bool, user_id: int) -> bool:
    """From the next complaint on. Returns whether anything changed. Raises Forbidden for all but the account's owner."""
    if complaints_everywhere(account_id) == everywhere:
        return False
    if not may_choose_complaints(account_id, user_id):
        raise Forbidden("Only the owner of the account decides where a complaint counts.")
    row = db.session.get(ComplaintPolicy, account_id)
    if row is None:
        row = ComplaintPolicy(account_id=account_id)
        db.session.add(row)
    row.everywhere = everywhere
    return True


def _check(number: int, bounds: tuple[int, int], field: str) -> None:
    least, most = bounds
    if not least <= number <= most:
        raise Invalid(f"A number from {least} to {most}, please.", field=field)
