"""Writing facts: each once, however often it is told."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery
from mailrith.events.models import DeliveryFact
from mailrith.events.reports import Report

_CHUNK = 500  # rows in one INSERT, below SQLite's limit of values

FactKey = tuple[int, str]  # delivery id, dedupe key


def key_of(report: Report) -> str:
    """What makes two reports about one delivery the same fact.

    The kind belongs to it: some relays give every event of a message the same id.
    """
    if report.event_id:
        named = f"id\0{report.event_id}"
    else:
        named = f"at\0{report.occurred_at.isoformat() if report.occurred_at else ''}"
    digest = hashlib.sha256(f"{report.kind}\0{named}".encode()).hexdigest()
    return f"{report.kind}:{digest[:40]}"


def insert_new(
    matches: Sequence[tuple[Report, Delivery]], source: str, received_at: datetime
) -> set[FactKey]:
    """Insert what is not known yet. Returns the keys of the rows that are new."""
    rows: dict[FactKey, dict[str, Any]] = {}
    for report, delivery in matches:
        key = (delivery.id, key_of(report))
        rows.setdefault(key, _row(report, delivery, key[1], source, received_at))
    inserted: set[FactKey] = set()
    values = [
        rows[key] for key in sorted(rows)
    ]  # one order for all, so that workers do not deadlock
    for start in range(0, len(values), _CHUNK):
        inserted |= _insert(values[start : start + _CHUNK])
    return inserted


def _row(
    report: Report, delivery: Delivery, dedupe_key: str, source: str, received_at: datetime
) -> dict[str, Any]:
    occurred_at = report.occurred_at or received_at
    return {
        "workspace_id": delivery.workspace_id,
        "delivery_id": delivery.id,
        "kind": report.kind,
        # Clocks of others may be wrong; nothing can have happened after we heard of it.
        "occurred_at": min(occurred_at, received_at),
        "recorded_at": now(),
        "dedupe_key": dedupe_key,
        "source": source,
        "enhanced_status": report.enhanced_status,
        "diagnostic": report.diagnostic,
    }


def _insert(values: list[dict[str, Any]]) -> set[FactKey]:
    dialect = db.session.get_bind().dialect.name
    maker: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = (
        maker(DeliveryFact)
        .values(values)
        .on_conflict_do_nothing(index_elements=["delivery_id", "dedupe_key"])
        .returning(DeliveryFact.delivery_id, DeliveryFact.dedupe_key)
    )
    return {(row.delivery_id, row.dedupe_key) for row in db.session.execute(statement)}
