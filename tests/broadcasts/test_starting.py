"""Schedules when their time has come."""

from datetime import timedelta

import pytest

from mailrith.broadcasts import jobs, queries
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run
from tests.support.factories import make_connection, make_subscriber
from tests.support.factories_broadcasts import make_broadcast


def test_what_is_due_starts_at_once(scheduled, told):
    broadcast = scheduled(-timedelta(seconds=5))
    jobs.start_due()

    run = queries.run_of(broadcast)
    assert broadcast.status == BroadcastStatus.RUNNING
    assert run is not None
    assert run.not_before <= now()
    assert run.confirmed_count == 1
    assert told() == []


def test_what_is_not_due_waits(scheduled):
    broadcast = scheduled(timedelta(minutes=1))
    jobs.start_due()

    assert broadcast.status == BroadcastStatus.SCHEDULED


def test_starting_twice_is_one_run(scheduled):
    scheduled(-timedelta(seconds=5))
    jobs.start_due()
    jobs.start_due()

    assert db.session.query(Run).count() == 1


def test_what_is_half_an_hour_late_asks_instead(scheduled, told):
    broadcast = scheduled(-timedelta(minutes=31))
    jobs.start_due()

    assert (broadcast.status, broadcast.late) == (BroadcastStatus.SCHEDULED, True)
    assert "Nothing was running" in broadcast.late_words
    assert told() == ["Not started: The hungry gap"]


def test_it_asks_once(scheduled, told):
    scheduled(-timedelta(minutes=31))
    jobs.start_due()
    jobs.start_due()

    assert len(told()) == 1


def test_a_check_that_fails_at_its_hour_holds_it_and_says_why(scheduled, told, cast):
    broadcast = scheduled(-timedelta(seconds=5))
    cast.workspace.address = ""
    db.session.commit()
    jobs.start_due()

    assert broadcast.late
    assert "postal address" in broadcast.late_words
    assert told() == ["Not started: The hungry gap"]


def test_one_that_is_held_does_not_hold_the_next(scheduled):
    scheduled(-timedelta(minutes=40))
    second = scheduled(-timedelta(seconds=5))
    jobs.start_due()

    assert second.status == BroadcastStatus.RUNNING


@pytest.fixture
def scheduled(cast, run_jobs):
    connection = make_connection(cast.workspace)
    make_subscriber(cast.workspace)

    def make(due_in):
        return make_broadcast(
            cast.workspace,
            connection_id=connection.id,
            status=BroadcastStatus.SCHEDULED,
            scheduled_at=now() + due_in,
            scheduled_by=cast.alice.id,
            confirmed_count=1,
        )

    return make
