"""A relay's event that a receiver wants its mail later slows down what goes there."""

import pytest

from mailrith.connections.models import Connection
from mailrith.core import queue
from mailrith.core.db import db
from mailrith.delivery.pacing.backoff import Backoff
from tests.support import factories, factories_events


@pytest.fixture
def delivery(cast):
    connection = factories.make_connection(cast.workspace)
    run = factories_events.make_run(cast.workspace, connection)
    person = factories.make_subscriber(cast.workspace, email="ada@gmail.com")
    return factories_events.make_delivery(run, person)


def slowed(delivery):
    with queue.connect() as client:
        return set(Backoff(client, delivery.connection_id).groups())


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ("421 4.7.28 Unusual rate of mail, slow down", {"google"}),
        ("452 4.2.2 The mailbox is full", set()),
    ],
)
def test_an_event_slows_the_receivers_that_want_fewer(delivery, run_jobs, words, groups):
    connection = db.session.get(Connection, delivery.connection_id)
    event = factories_events.event(
        delivery, "deferred", enhanced_status=words.split()[1], diagnostic=words
    )
    factories_events.store(connection, event)

    run_jobs()

    assert slowed(delivery) == groups
