"""What a subscriber's page tells about mails: which were sent, and what came back of them."""

from collections.abc import Iterable

from mailrith.content.merge import Person, fill
from mailrith.delivery import queries as deliveries
from mailrith.delivery.models import Delivery, DeliveryState
from mailrith.events import queries
from mailrith.events.models import DeliveryFact, FactKind
from mailrith.subscribers import timeline
from mailrith.subscribers.models import Subscriber
from mailrith.subscribers.timeline import Happening

# Bounces, complaints and unsubscribes are on the timeline already, as changes of the status.
_FACTS = {
    FactKind.DELIVERED: ("circle-check", "{mail} was delivered"),
    FactKind.DEFERRED: ("clock", "{mail} was put off by the receiving server"),
    FactKind.SOFT_BOUNCE: ("circle-alert", "{mail} came back for now"),
    FactKind.BLOCK: ("circle-minus", "{mail} was blocked by the receiving server"),
    FactKind.REJECTED: ("circle-minus", "{mail} was not sent by the provider"),
}
_STATES = {
    DeliveryState.SENT: ("send", "{mail} was sent"),
    DeliveryState.FAILED: ("circle-x", "{mail} could not be sent"),
    DeliveryState.IN_DOUBT: (
        "circle-question-mark",
        "{mail} was perhaps sent; the answer got lost",
    ),
}


def register() -> None:
    """Add this to every subscriber's page."""
    timeline.register(mails)


def mails(subscriber: Subscriber, limit: int) -> Iterable[Happening]:
    """The newest mails of the person, and the facts about them."""
    sent = list(deliveries.by_subscriber(subscriber.id, limit=limit))
    person = Person(subscriber.name, subscriber.email)
    facts = queries.facts_of([delivery.id for delivery, _ in sent])
    for delivery, run in sent:
        name = f"“{fill(run.letter.get('subject') or 'A mail', person)}”"
        yield from _of_delivery(delivery, name)
        for fact in facts.get(delivery.id, []):
            yield from _of_fact(fact, name)


def _of_delivery(delivery: Delivery, name: str) -> Iterable[Happening]:
    if delivery.state in _STATES:
        icon, words = _STATES[DeliveryState(delivery.state)]
        yield Happening(delivery.updated_at, icon, words.format(mail=name))


def _of_fact(fact: DeliveryFact, name: str) -> Iterable[Happening]:
    if fact.kind in _FACTS:
        icon, words = _FACTS[FactKind(fact.kind)]
        said = f": {fact.diagnostic}" if fact.diagnostic else ""
        yield Happening(fact.occurred_at, icon, words.format(mail=name) + said[:200])
