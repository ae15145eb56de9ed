"""The list page's context, which the drawers and dialogs over it need too."""

from typing import Any

from flask import g, request, url_for

from mailrith.connections import actions, queries
from mailrith.connections.models import ConnectionState
from mailrith.web.connections.loading import may_manage, sees_account
from mailrith.web.connections.rows import Row, matches, rows_of

LABELS = {
    "": "All",
    ConnectionState.READY.value: "Ready",
    ConnectionState.PAUSED.value: "Paused",
    ConnectionState.DISABLED.value: "Disabled",
}


def context() -> dict[str, Any]:
    """Rows, chips and figures for the address asked for."""
    everything = rows_of(queries.list_for_workspace(g.workspace, whole_account=sees_account()))
    text, state = request.args.get("q", ""), request.args.get("state", "")
    shown = [
        row
        for row in everything
        if (not state or row.connection.state == state) and matches(row, text)
    ]
    return {
        "rows": shown,
        "everything": everything,
        "text": text,
        "state": state,
        "chips": [_chip(value, label, everything, text) for value, label in LABELS.items()],
        "limit_a_day": _limit_a_day(everything),
        "held_back": _held_back(everything),
        "may_manage": may_manage(),
    }


def _chip(value: str, label: str, rows: list[Row], text: str) -> dict[str, Any]:
    count = sum(1 for row in rows if not value or row.connection.state == value)
    url = url_for("connections.index", state=value or None, q=text or None)
    return {"value": value, "label": label, "count": count, "url": url}


def _limit_a_day(rows: list[Row]) -> int | None:
    """What the ready ones carry in a day together; None when one of them has no limit."""
    limits = [r.connection.per_day for r in rows if r.connection.state == ConnectionState.READY]
    return sum(limit for limit in limits if limit) if limits and all(limits) else None


def _held_back(rows: list[Row]) -> str | None:
    """Why even the ready ones send no broadcast in this installation."""
    problems = (actions.sendable(row.connection) for row in rows)
    return next((p.sentence for p in problems if p is not None and p.code == "public_url"), None)
