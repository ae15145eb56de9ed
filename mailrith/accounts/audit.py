"""Who changed what: one row for each change that somebody may have to explain later."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from mailrith.accounts.models import AuditEntry
from mailrith.core.db import db

_through: ContextVar[str] = ContextVar("acting_through", default="")


@contextmanager
def acting_through(key_id: str) -> Iterator[None]:
    """Whatever is recorded inside was done by a program with this API key, for the member who made the key."""
    token = _through.set(key_id)
    try:
        yield
    finally:
        _through.reset(token)


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
    key_id = _through.get()
    through = {"api_key": key_id} if key_id else {}
    db.session.add(
        AuditEntry(
            account_id=account_id,
            workspace_id=workspace_id,
            user_id=user_id,
            action=action,
            subject=subject[:200],
            details={**(details or {}), **through},
        )
    )
