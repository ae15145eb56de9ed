"""What happens by itself: requests are applied, found again when lost, given up when hopeless, and forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState
from mailrith.events import applying, draining, facts, jobs, lost
from mailrith.events.models import DeliveryFact, FactKind, HookRequest, HookRequestState
from mailrith.events.reports import Report
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.support import factories, factories_events
from tests.support.factories_events import event, make_delivery, store


def test_a_stored_request_is_applied_by_its_job(run_jobs, connection, sent):
    request = store(connection, event(sent))

    run_jobs()

    assert state_of(request) == HookRequestState.APPLIED
    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_a_request_whose_job_was_lost_is_found_again(connection, sent):
    request = store(connection, event(sent))
    age(request, timedelta(minutes=1))

    jobs.apply_lost()

    assert state_of(request) == HookRequestState.APPLIED


def test_a_request_that_has_just_arrived_is_left_to_its_job(connection, sent):
    request = store(connection, event(sent))

    jobs.apply_lost()

    assert state_of(request) == HookRequestState.RECEIVED


def test_sending_gets_most_of_the_time_unless_somebody_has_waited_for_long(connection, sent):
    nobody = draining.seconds_for_sending(2.0)
    request = store(connection, event(sent))
    just_now = draining.seconds_for_sending(2.0)
    age(request, draining.LATE)
    late = draining.seconds_for_sending(2.0)

    assert (nobody, just_now, late) == (18.0, 18.0, 2.0)


def test_who_comes_during_a_turn_waits_for_the_next_one(connection, sent, monkeypatch):
    first, meanwhile = store(connection, event(sent)), []
    real = applying.apply_waiting

    def apply_waiting(most_bytes):
        more = real(most_bytes)
        if not meanwhile:
            meanwhile.append(store(connection, event(sent, id="ev-2")))
        return more

    monkeypatch.setattr(applying, "apply_waiting", apply_waiting)

    jobs.apply_waiting()
    after_one_turn = state_of(first), state_of(meanwhile[0])
    jobs.apply_waiting()

    assert after_one_turn == (HookRequestState.APPLIED, HookRequestState.RECEIVED)
    assert state_of(meanwhile[0]) == HookRequestState.APPLIED


def test_a_turn_goes_on_while_more_wait_than_one_transaction_takes(connection, sent, monkeypatch):
    monkeypatch.setattr(applying, "AT_ONCE", 2)
    requests = [store(connection, event(sent, id=f"ev-{number}")) for number in range(5)]

    jobs.apply_waiting()

    assert {state_of(request) for request in requests} == {HookRequestState.APPLIED}


def test_a_request_that_never_succeeds_is_given_up(connection, sent):
    request = store(connection, event(sent))

    attempts = [lost.count_attempt(request.id) for _ in range(lost.MAX_ATTEMPTS + 1)]
    db.session.commit()

    assert attempts == [True] * lost.MAX_ATTEMPTS + [False]
    assert state_of(request) == HookRequestState.FAILED
    assert not lost.count_attempt(request.id)


def test_what_came_before_the_doubt_settles_it(connection, sent):
    facts.insert_new([(Report(FactKind.DELIVERED, "x"), sent)], "webhook", now())
    sent.state = DeliveryState.IN_DOUBT
    db.session.commit()

    jobs.settle_doubts()

    db.session.refresh(sent)
    assert sent.state == DeliveryState.SENT


def test_a_doubt_about_which_nothing_came_stays(sent):
    sent.state = DeliveryState.IN_DOUBT
    db.session.commit()

    jobs.settle_doubts()

    db.session.refresh(sent)
    assert sent.state == DeliveryState.IN_DOUBT


def test_old_requests_are_forgotten_and_young_ones_kept(connection, sent):
    old = [store(connection, event(sent)) for _ in range(3)]
    young = store(connection, event(sent))
    for request in old:
        jobs.apply(request.id)
        age(request, timedelta(days=31))

    jobs.prune()

    assert db.session.scalars(select(HookRequest.id)).all() == [young.id]


def test_an_old_request_that_nobody_has_applied_is_kept(connection, sent):
    request = store(connection, event(sent))
    age(request, timedelta(days=31))

    jobs.prune()

    assert state_of(request) == HookRequestState.RECEIVED


def test_facts_are_kept_for_thirteen_months(connection, sent):
    for kind in (FactKind.DELIVERED, FactKind.DEFERRED):
        facts.insert_new([(Report(kind, "x"), sent)], "webhook", now())
    first, second = db.session.scalars(select(DeliveryFact).order_by(DeliveryFact.id))
    first.recorded_at = now() - timedelta(days=400)
    second.recorded_at = now() - timedelta(days=390)
    db.session.commit()

    jobs.prune()

    assert db.session.scalars(select(DeliveryFact.id)).all() == [second.id]


def age(request: HookRequest, by: timedelta) -> None:
    request.received_at = now() - by
    db.session.commit()


def state_of(request: HookRequest) -> HookRequestState:
    return db.session.get_one(HookRequest, request.id, populate_existing=True).state


def status_of(delivery) -> SubscriberStatus:
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def sent(cast, connection):
    run = factories_events.make_run(cast.workspace, connection)
    return make_delivery(run, factories.make_subscriber(cast.workspace))
