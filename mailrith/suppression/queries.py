"""Reads of the suppression list."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses, paging
from mailrith.core.db import db
from mailrith.suppression.models import Suppression, SuppressionReason

PAGE = 50
SEARCHED = (
    100_000  # of the newest entries, for a part of an address; a whole one is found among all
)
_CHUNK = 1000  # fingerprints in one IN list


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to. A whole address also finds an entry that keeps only its fingerprint."""

    text: str = ""
    reason: SuppressionReason | None = None


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


def search(
    workspace: Workspace, wanted: Filter, *, after: str | None = None, before: str | None = None
) -> paging.Page[Suppression]:
    """One page of the list, newest first."""
    query = select(Suppression).where(*_matching(workspace, wanted))
    return paging.paginate(query, Suppression.id, size=PAGE, after=after, before=before)


def counts_by_reason(workspace_id: int) -> dict[SuppressionReason, int]:
    """How many entries have each reason; all reasons are there, strongest first."""
    rows = db.session.execute(
        select(Suppression.reason, func.count())
        .where(Suppression.workspace_id == workspace_id)
        .group_by(Suppression.reason)
    )
    found = {SuppressionReason(reason): count for reason, count in rows}
    return {reason: found.get(reason, 0) for reason in SuppressionReason}


def _matching(workspace: Workspace, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [Suppression.workspace_id == workspace.id]
    if wanted.reason is not None:
        conditions.append(Suppression.reason == wanted.reason)
    text = wanted.text.strip()
    if isinstance(addresses.parse_address(text), addresses.Address):
        whole = addresses.fingerprint(workspace.address_salt, text)
        conditions.append(Suppression.fingerprint == whole)
    elif text:
        oldest = (
            select(Suppression.id)
            .where(Suppression.workspace_id == workspace.id)
            .order_by(Suppression.id.desc())
            .offset(SEARCHED)
            .limit(1)
            .scalar_subquery()
        )
        conditions.append(Suppression.id > func.coalesce(oldest, 0))
        part = func.lower(Suppression.email).contains(text.lower(), autoescape=True)
        conditions.append(part)
    return conditions
