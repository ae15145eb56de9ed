"""What the drawer of one person shows: tags, proofs, mail received, and everything that happened, day by day."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, url_for

from mailrith.accounts.models import User
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries as deliveries
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.subscribers import consents, queries, statuses, timeline
from mailrith.subscribers.models import Consent, Subscriber, SubscriberStatus
from mailrith.subscribers.timeline import Happening
from mailrith.suppression import queries as suppression
from mailrith.web.filters import has_endpoint

MAILS = 50  # deliveries shown

_MAIL = {
    DeliveryState.QUEUED: ("hourglass", "Waits to be sent: {subject}"),
    DeliveryState.SENDING: ("loader", "Is being sent: {subject}"),
    DeliveryState.SENT: ("send", "Sent: {subject}"),
    DeliveryState.DEFERRED: ("clock", "Put off by the server: {subject}"),
    DeliveryState.FAILED: ("circle-x", "Refused by the server: {subject}"),
    DeliveryState.IN_DOUBT: ("doubt", "In doubt: {subject}"),
    DeliveryState.SKIPPED: ("circle-minus", "Left out: {subject}"),
    DeliveryState.CANCELED: ("circle-slash", "Canceled before it left: {subject}"),
}


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
        "days": list(_days([*timeline.of(person), *map(_mail, mails)])),
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


def _mail(sent: tuple[Delivery, Run]) -> Happening:
    delivery, run = sent
    icon, words = _MAIL[DeliveryState(delivery.state)]
    url = None
    if run.source == "broadcast" and run.source_public_id and has_endpoint("broadcasts.show"):
        url = url_for("broadcasts.show", public_id=run.source_public_id)
    return Happening(
        delivery.updated_at, icon, words.format(subject=run.letter.get("subject", "")), url
    )


def _days(happenings: Iterable[Happening]) -> Iterable[tuple[str, Sequence[Happening]]]:
    newest = sorted(happenings, key=lambda happening: happening.at, reverse=True)[: timeline.SHOWN]
    for day, some in groupby(newest, key=lambda happening: happening.at.astimezone(_zone()).date()):
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
