"""What the drawer of one person shows: tags, proofs, mail received, and everything that happened, day by day."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import g

from mailrith.accounts.models import User
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries as deliveries
from mailrith.delivery.models import DeliveryState
from mailrith.subscribers import consents, queries, statuses, timeline
from mailrith.subscribers.models import Consent, Subscriber, SubscriberStatus
from mailrith.subscribers.timeline import Happening
from mailrith.suppression import queries as suppression

MAILS = 50  # deliveries shown


def context(person: Subscriber) -> dict[str, Any]:
    """Everything that the drawer's template wants."""
    mails = deliveries.by_subscriber(person.id, limit=MAILS)
    status = SubscriberStatus(person.status)
    return {
        "person": person,
        "person_tags": queries.tags_of(g.workspace.id, [person.id])[person.id],
        "proofs": [_proof(consent) for consent in queries.consents_of(person)],
        "received": sum(delivery.state == DeliveryState.SENT for delivery, _ in mails),
        "more_mails": len(mails) == MAILS,
        "days": list(_days(timeline.of(person))),
        "why_not": None if person.mailable else statuses.why_not(status),
        "suppressed": _suppressed(person),
        "can_stop": statuses.offered(status),
    }


def _suppressed(person: Subscriber) -> str | None:
    """For Active people who are kept from being mailed all the same."""
    entry = suppression.entry(g.workspace.id, person.fingerprint) if person.mailable else None
    return statuses.why_not(entry.reason) if entry else None


def _proof(consent: Consent) -> dict[str, Any]:
    by = db.session.get(User, consent.recorded_by) if consent.recorded_by else None
    return {
        "basis": consents.short(consent.basis),
        "source": consent.source,
        "on": consent.collected_at.astimezone(_zone()).date(),
        "by": (by.display_name or by.email) if by else None,
        "recorded_at": consent.recorded_at,
    }


def _days(happenings: Iterable[Happening]) -> Iterable[tuple[str, Sequence[Happening]]]:
    for day, some in groupby(
        happenings, key=lambda happening: happening.at.astimezone(_zone()).date()
    ):
        today = now().astimezone(_zone()).date()
        if day == today:
            words = "Today"
        elif day == today - timedelta(days=1):
            words = "Yesterday"
        else:
            year = "" if day.year == today.year else f" {day.year}"
            words = f"{day:%A} {day.day} {day:%B}{year}"
        yield words, list(some)


def _zone() -> ZoneInfo:
    return ZoneInfo(g.workspace.time_zone)
