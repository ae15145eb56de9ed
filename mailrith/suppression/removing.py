"""Taking an address off the list. It never makes anybody Active: whoever is here keeps their status."""

from mailrith.accounts import audit
from mailrith.accounts.models import Workspace
from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.suppression.models import Suppression, SuppressionReason

WHY_CHARS = 300


def may_remove(entry: Suppression) -> bool:
    """Complaints stay: only the person themselves comes back from one."""
    return entry.reason != SuppressionReason.COMPLAINED


def remove(workspace: Workspace, entry: Suppression, why: str, *, user_id: int) -> None:
    """Delete the entry, and keep `why` with the name of who did it. Raises Invalid without a reason, and Conflict for a complaint."""
    if not may_remove(entry):
        raise Conflict("They reported a mail as spam. Such an address stays on the list.")
    reason = " ".join(why.split())
    if not reason:
        raise Invalid("Say why it comes off the list.", field="why")
    if len(reason) > WHY_CHARS:
        raise Invalid(f"At most {WHY_CHARS} characters, please.", field="why")
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user_id,
        action="suppression.removed",
        subject=addresses.mask(entry.email) if entry.email else "An address that is not kept",
        details={"reason": str(entry.reason), "why": reason},
    )
    db.session.delete(entry)
    db.session.flush()
