"""Who changed what: one row for each change that somebody may have to explain later."""

from typing import Any

from mailrith.accounts.models import AuditEntry
from mailrith.core.db import db


def record(
    *,
    account_id: int,
    action: str,
    workspace_id: int | None = None,
    user_id: int | None = None,
    subject: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Note `action` (for example "connection.edited") on `subject`. `details` never holds a secret."""
    db.session.add(
        AuditEntry(
            account_id=account_id,
            workspace_id=workspace_id,
            user_id=user_id,
            action=action,
            subject=subject[:200],
            details=details or {},
        )
    )
