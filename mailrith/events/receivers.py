"""What happens below and is a fact about a delivery: somebody left by the link in the mail."""

from typing import Any

from mailrith.connections.standing import hearing as hearings
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery
from mailrith.events import facts, hearing
from mailrith.events.models import FactKind
from mailrith.events.reports import Report
from mailrith.subscribers.models import Subscriber
from mailrith.subscribers.signals import subscriber_unsubscribed

SOURCE = "link"


def register() -> None:
    """Listen, and tell connections what their webhooks hear. Twice is once."""
    hearings.register(hearing.of)
    subscriber_unsubscribed.connect(note_unsubscribe)


def note_unsubscribe(
    _sender: Any, *, workspace_id: int, subscriber_id: int, delivery_id: int
) -> None:
    """Write down which message made the person leave, if its delivery is still kept."""
    delivery = db.session.get(Delivery, delivery_id) if delivery_id else None
    if delivery is None or delivery.workspace_id != workspace_id:
        return
    # Somebody who was deleted and added again has another number.
    if delivery.subscriber_id == subscriber_id or not _is_there(delivery.subscriber_id):
        report = Report(FactKind.UNSUBSCRIBED, message_id="", event_id=SOURCE)
        facts.insert_new([(report, delivery)], SOURCE, now())


def _is_there(subscriber_id: int | None) -> bool:
    return subscriber_id is not None and db.session.get(Subscriber, subscriber_id) is not None
