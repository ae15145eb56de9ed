"""kill -9 of the web, of a worker and of the queue's memory: what was acknowledged is applied, once."""

import json
import os
import signal

import pytest
import redis
from sqlalchemy import func, select

from mailrith.connections import credentials
from mailrith.core.db import db
from mailrith.events import calling, consequences, draining, jobs, lost
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState
from mailrith.subscribers.models import Subscriber, SubscriberStatus, TimelineEntry
from tests.support import factories
from tests.support.factories_events import event, make_delivery, make_run, signed, store

pytestmark = pytest.mark.usefixtures("run_jobs")


def test_what_the_web_acknowledged_before_it_was_killed_is_applied(app, sent, connection):
    credentials.make_hook_secrets(connection)
    db.session.commit()
    secrets = credentials.hook_secrets(connection)
    path = f"/hooks/{connection.public_id}/{secrets.path_secret}"
    body = body_about(sent)
    headers = signed(secrets.signing_secret, body)
    db.session.rollback()

    def post_and_die():
        if app.test_client().post(path, data=body, headers=headers).status_code == 200:
            os.kill(os.getpid(), signal.SIGKILL)

    assert ended_by(post_and_die) == signal.SIGKILL
    drain()

    assert status_of(sent) == SubscriberStatus.BOUNCED
    assert applied_once(sent)


def test_a_worker_killed_in_the_middle_of_applying_applies_once(app, sent, connection, monkeypatch):
    request = store(connection, event(sent, id="ev-1"))
    real = consequences.draw

    def draw_and_die(fresh):
        real(fresh)
        db.session.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    def work():
        with app.app_context():
            monkeypatch.setattr(consequences, "draw", draw_and_die)
            jobs.apply_waiting()

    assert ended_by(work) == signal.SIGKILL
    assert state_of(request) == HookRequestState.RECEIVED
    drain()

    assert state_of(request) == HookRequestState.APPLIED
    assert status_of(sent) == SubscriberStatus.BOUNCED
    assert applied_once(sent)


def test_what_valkey_forgot_is_found_by_the_scheduler(sent, connection, run_jobs, redis_url):
    store(connection, event(sent))
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    assert run_jobs() == 0
    db.session.rollback()

    jobs.call_waiting()
    db.session.rollback()
    run_jobs()

    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_a_request_that_workers_fail_at_holds_up_nobody(sent, person, connection, monkeypatch):
    good = [store(connection, event(sent, id="a")), store(connection, event(sent, id="b"))]
    bad = store(connection, event(person, id="the bad one"))
    more = store(connection, event(sent, id="c"))
    real = consequences.draw

    def fail_at_one(fresh):
        if any(report.event_id == "the bad one" for report, _ in fresh):
            raise ZeroDivisionError
        real(fresh)

    monkeypatch.setattr(consequences, "draw", fail_at_one)
    for _ in range(3):  # the scheduler calls a worker every second
        try:
            drain()
        except ZeroDivisionError:
            db.session.rollback()

    assert [state_of(each) for each in (*good, more)] == [HookRequestState.APPLIED] * 3
    assert state_of(bad) == HookRequestState.RECEIVED
    assert not lost.anything_waits()  # the scheduler tries that one alone, a few times
    monkeypatch.undo()
    jobs.apply(bad.id)
    assert state_of(bad) == HookRequestState.APPLIED


def ended_by(work):
    """Run it in a process of its own. Gives the signal that ended it."""
    db.session.rollback()
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)  # the parent's connections are not ours
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1


def drain():
    """Until nothing waits, as a worker does it."""
    for _ in draining.drain():
        db.session.commit()


def body_about(delivery):
    return json.dumps([event(delivery, id="ev-1")]).encode()


def applied_once(delivery):
    facts = select(func.count()).select_from(DeliveryFact)
    notes = select(func.count()).select_from(TimelineEntry)
    here = TimelineEntry.subscriber_id == delivery.subscriber_id
    return (
        db.session.scalar(facts.where(DeliveryFact.delivery_id == delivery.id)) == 1
        and db.session.scalar(notes.where(here, TimelineEntry.kind == "bounced")) == 1
    )


def state_of(request):
    return db.session.get_one(HookRequest, request.id, populate_existing=True).state


def status_of(delivery):
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def run(cast, connection):
    return make_run(cast.workspace, connection)


@pytest.fixture
def sent(cast, run):
    return make_delivery(run, factories.make_subscriber(cast.workspace))


@pytest.fixture
def person(cast, run):
    """Another mail."""
    return make_delivery(run, factories.make_subscriber(cast.workspace))


@pytest.fixture(autouse=True)
def _nobody_called(app):
    calling.let_go()
