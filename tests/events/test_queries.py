"""What pages ask about what came back."""

from datetime import timedelta

import pytest

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import facts, queries
from mailrith.events.models import FactKind
from mailrith.events.reports import Report
from tests.support import factories, factories_events
from tests.support.factories_events import make_delivery, store


def test_a_person_counts_once_for_a_kind(cast, run):
    twice, once = (make_delivery(run, factories.make_subscriber(cast.workspace)) for _ in range(2))
    tell(twice, FactKind.SOFT_BOUNCE, "1")
    tell(twice, FactKind.SOFT_BOUNCE, "2")
    tell(once, FactKind.SOFT_BOUNCE, "3")
    tell(once, FactKind.DELIVERED, "4")

    counts = queries.people_by_kind(cast.workspace.id, run.id)

    assert counts[FactKind.SOFT_BOUNCE] == 2
    assert counts[FactKind.DELIVERED] == 1
    assert counts[FactKind.COMPLAINT] == 0


def test_another_workspace_sees_none_of_it(cast, run):
    tell(make_delivery(run, factories.make_subscriber(cast.workspace)), FactKind.COMPLAINT, "1")

    assert not any(queries.people_by_kind(cast.elsewhere.id, run.id).values())


def test_facts_come_in_the_order_in_which_they_happened(cast, run):
    delivery = make_delivery(run, factories.make_subscriber(cast.workspace))
    later, earlier = now() - timedelta(hours=1), now() - timedelta(hours=2)
    for kind, at in ((FactKind.DELIVERED, later), (FactKind.DEFERRED, earlier)):
        facts.insert_new([(Report(kind, "x", occurred_at=at), delivery)], "webhook", now())

    found = queries.facts_of([delivery.id])[delivery.id]

    assert [fact.kind for fact in found] == [FactKind.DEFERRED, FactKind.DELIVERED]


def test_what_arrived_is_shown_newest_first_and_by_connection(cast, connection):
    other = factories.make_connection(cast.workspace, name="Another")
    first, second = store(connection, {"event": "test"}), store(connection, {"event": "test"})
    store(other, {"event": "test"})

    recent = queries.recent_requests(connection.id, limit=5)

    assert [request.id for request in recent] == [second.id, first.id]
    assert queries.count_since(connection.id, now() - timedelta(minutes=1)) == 2
    assert queries.count_since(connection.id, now() + timedelta(minutes=1)) == 0


def tell(delivery, kind: FactKind, event_id: str) -> None:
    facts.insert_new([(Report(kind, "x", event_id=event_id), delivery)], "webhook", now())
    db.session.commit()


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def run(cast, connection):
    return factories_events.make_run(cast.workspace, connection)
