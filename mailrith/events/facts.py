"""Writing facts: each once, however often it is told."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import arrays
from mailrith.events.mails import Mail
from mailrith.events.models import DeliveryFact
from mailrith.events.reports import Report

_TABLE = cast(Table, DeliveryFact.__table__)

FactKey = tuple[int, str]  # delivery id, dedupe key


class Seen(NamedTuple):
    """A report, the mail that it is about, and what makes it one fact."""

    report: Report
    mail: Mail
    key: FactKey
    source: str
    received_at: datetime


def seen(report: Report, mail: Mail, source: str, received_at: datetime) -> Seen:
    """With its key."""
    return Seen(report, mail, (mail.id, key_of(report)), source, received_at)


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


def insert(seen: Sequence[Seen]) -> set[FactKey]:
    """Insert what is not known yet. Returns the keys of the rows that are new."""
    moment = now()
    rows: dict[FactKey, dict[str, Any]] = {}
    for one in seen:
        if one.key not in rows:
            rows[one.key] = _row(one, moment)
    # One order for all, so that workers do not deadlock.
    values = [rows[key] for key in sorted(rows)]
    if not values:
        return set()
    if db.session.get_bind().dialect.name == "postgresql":
        given = arrays.unnested(_TABLE, values)
        return _insert(postgresql.insert(_TABLE).from_select(list(values[0]), given))
    return _insert(sqlite.insert(_TABLE), values)


def insert_new(
    matches: Sequence[tuple[Report, Mail]], source: str, received_at: datetime
) -> set[FactKey]:
    """The same for reports of one source and time."""
    return insert([seen(report, mail, source, received_at) for report, mail in matches])


def _row(one: Seen, moment: datetime) -> dict[str, Any]:
    occurred_at = one.report.occurred_at or one.received_at
    return {
        "workspace_id": one.mail.workspace_id,
        "delivery_id": one.mail.id,
        "kind": one.report.kind,
        # Clocks of others may be wrong; nothing can have happened after we heard of it.
        "occurred_at": min(occurred_at, one.received_at),
        "recorded_at": moment,
        "dedupe_key": one.key[1],
        "source": one.source,
        "enhanced_status": one.report.enhanced_status,
        "diagnostic": one.report.diagnostic,
    }


def _insert(statement: Any, values: list[dict[str, Any]] | None = None) -> set[FactKey]:
    columns = _TABLE.c.delivery_id, _TABLE.c.dedupe_key
    new = statement.on_conflict_do_nothing(index_elements=columns).returning(*columns)
    return {(row[0], row[1]) for row in db.session.connection().execute(new, values)}
