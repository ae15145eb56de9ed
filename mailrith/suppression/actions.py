"""Putting addresses on the suppression list. Nothing here takes one off."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Select, case, literal, update
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.suppression.models import Suppression, SuppressionReason

_STRENGTH = {reason: place for place, reason in enumerate(SuppressionReason)}  # 0 is strongest

_CHUNK = 500  # rows in one INSERT, below SQLite's limit of values


@dataclass(frozen=True, slots=True)
class Entry:
    """An address to be kept from being mailed. `email` is None where only the fingerprint may be kept.

    source: where this one came from, if not from where the others did.
    """

    fingerprint: bytes
    email: str | None
    reason: SuppressionReason
    source: str = ""


def suppress(
    workspace_id: int,
    fingerprint: bytes,
    email: str | None,
    reason: SuppressionReason,
    source: str,
) -> bool:
    """Keep the address from being mailed. A weaker reason never replaces a stronger one.

    `source` says in words where this came from. Returns whether anything changed.
    """
    values = {
        "workspace_id": workspace_id,
        "fingerprint": fingerprint,
        "email": email,
        "reason": reason,
        "source": source[:200],
        "created_at": now(),
    }
    return _upsert([values], None) > 0


def suppress_many(workspace_id: int, entries: Iterable[Entry], source: str) -> int:
    """The same for many. Of an address that comes twice the strongest reason counts. Returns how many entries are new or stronger."""
    strongest: dict[bytes, Entry] = {}
    for entry in entries:
        known = strongest.get(entry.fingerprint)
        if known is None or _STRENGTH[entry.reason] < _STRENGTH[known.reason]:
            strongest[entry.fingerprint] = entry
    same = {"workspace_id": workspace_id, "created_at": now()}
    rows = [
        same
        | {"fingerprint": one.fingerprint, "email": one.email, "reason": one.reason}
        | {"source": (one.source or source)[:200]}
        for one in sorted(strongest.values(), key=lambda one: one.fingerprint)
    ]
    chunks = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
    return sum(_upsert(chunk, None) for chunk in chunks)


def suppress_selected(chosen: Select[int, bytes, str], source: str) -> int:
    """The same for every row (workspace_id, fingerprint, reason) of `chosen`, in one statement, without the addresses."""
    rows = chosen.add_columns(literal(source[:200]), literal(now(), Suppression.created_at.type))
    return _upsert(["workspace_id", "fingerprint", "reason", "source", "created_at"], rows)


def forget_addresses(chosen: Select[int, bytes]) -> None:
    """Keep only the fingerprints of those (workspace_id, fingerprint): their people are being deleted."""
    picked = chosen.subquery()
    db.session.execute(
        update(Suppression)
        .where(
            Suppression.workspace_id == picked.c[0],
            Suppression.fingerprint == picked.c[1],
        )
        .values(email=None)
        .execution_options(synchronize_session=False)
    )


def _upsert(values: list[Any], rows: Select[Any] | None) -> int:
    dialect = db.session.get_bind().dialect.name
    maker: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = maker(Suppression.__table__)
    if rows is None:
        statement = statement.values(values).inline()
    else:
        statement = statement.from_select(values, rows)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["workspace_id", "fingerprint"],
        set_={"reason": new.reason, "source": new.source, "email": new.email},
        where=_place(new.reason) < _place(Suppression.reason),
    )
    result: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False, preserve_rowcount=True)
    )
    return result.rowcount


def _place(column: Any) -> Any:
    return case({str(reason): place for reason, place in _STRENGTH.items()}, value=column, else_=99)
