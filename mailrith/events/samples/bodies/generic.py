"""Mailrith's own form."""

from typing import Any

from mailrith.events.samples.about import KINDS, About, status_of, words_of

EVENTS = dict.fromkeys(KINDS)


def body(kind: str, about: About) -> Any:
    """One event."""
    said = {"enhanced_status": status_of(kind), "diagnostic": words_of(kind)}
    return {
        "event": kind,
        "message_id": about.message_id,
        "recipient": about.recipient,
        "id": about.event_id,
        "occurred_at": about.iso,
    } | {name: value for name, value in said.items() if value}
