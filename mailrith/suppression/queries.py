"""Reads of the suppression list."""

from collections.abc import Collection

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.suppression.models import Suppression, SuppressionReason

_CHUNK = 1000  # fingerprints in one IN list


def suppressed_among(
    workspace_id: int, fingerprints: Collection[bytes]
) -> dict[bytes, SuppressionReason]:
    """Which of these addresses must not be mailed, and why."""
    asked = list(fingerprints)
    found: dict[bytes, SuppressionReason] = {}
    for start in range(0, len(asked), _CHUNK):
        rows = db.session.execute(
            select(Suppression.fingerprint, Suppression.reason).where(
                Suppression.workspace_id == workspace_id,
                Suppression.fingerprint.in_(asked[start : start + _CHUNK]),
            )
        )
        found.update((bytes(row.fingerprint), SuppressionReason(row.reason)) for row in rows)
    return found


def entry(workspace_id: int, fingerprint: bytes) -> Suppression | None:
    """The entry for one address."""
    return db.session.scalar(
        select(Suppression).where(
            Suppression.workspace_id == workspace_id, Suppression.fingerprint == fingerprint
        )
    )
