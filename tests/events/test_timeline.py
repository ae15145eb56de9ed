"""What a subscriber's page tells about mails."""

import pytest

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState
from mailrith.events import facts
from mailrith.events.models import FactKind
from mailrith.events.reports import Report
from mailrith.subscribers import timeline
from tests.support import factories, factories_events


def test_a_mail_and_what_came_back_are_on_the_page(person, delivery):
    report = Report(FactKind.SOFT_BOUNCE, "x", diagnostic="452 mailbox full")
    facts.insert_new([(report, delivery)], "webhook", now())
    db.session.commit()

    words = [happening.words for happening in timeline.of(person)]

    assert "“Hello Ada” was sent" in words
    assert "“Hello Ada” came back for now: 452 mailbox full" in words


def test_what_has_not_left_yet_is_not_on_the_page(person, delivery):
    delivery.state = DeliveryState.QUEUED
    db.session.commit()

    assert not [h for h in timeline.of(person) if "Hello" in h.words]


@pytest.fixture
def person(cast):
    return factories.make_subscriber(cast.workspace, name="Ada")


@pytest.fixture
def delivery(cast, person):
    connection = factories.make_connection(cast.workspace)
    letter = {"subject": 'Hello [Subscriber_Name, fallback="friend"]'}
    run = factories_events.make_run(cast.workspace, connection, letter=letter)
    return factories_events.make_delivery(run, person)
