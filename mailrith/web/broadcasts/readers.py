"""As whom a letter is read in the preview and in a test: a subscriber of the workspace, or an invented one."""

from collections.abc import Sequence
from uuid import UUID

from flask import g

from mailrith.content.merge import Person
from mailrith.subscribers import queries as subscribers
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.subscribers.queries import Filter

NOBODY = Person(name="", email="reader@example.com")
OFFERED = 8


def chosen(public_id: str) -> Subscriber | None:
    """The subscriber of that public id, if it is one of this workspace."""
    try:
        return subscribers.get(g.workspace.id, UUID(public_id))
    except ValueError:
        return None


def person_of(subscriber: Subscriber | None) -> Person:
    """The merge values of the subscriber; without one nothing is known, so that fallbacks show."""
    return Person(subscriber.name, subscriber.email) if subscriber else NOBODY


def offered(text: str = "") -> Sequence[Subscriber]:
    """Some people to read as: the newest, or those who match."""
    wanted = Filter(text=text, status=SubscriberStatus.ACTIVE)
    return subscribers.search(g.workspace.id, wanted, size=OFFERED).items
