"""What delivery says about a run, and what becomes of the broadcast."""

from datetime import timedelta

import pytest

from mailrith.broadcasts import steering
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import signals
from mailrith.delivery.models import DeliveryState, Pause, RunPhase
from tests.support.factories import make_connection, make_subscriber
from tests.support.factories_broadcasts import make_broadcast, make_delivery, make_run


@pytest.mark.parametrize(
    ("states", "ending"),
    [
        (["sent", "failed"], "completed"),
        (["sent", "in_doubt"], "completed"),
        (["skipped"], "completed"),
        (["failed", "failed"], "failed"),
        (["sent", "canceled"], "canceled"),
        ([], "canceled"),
    ],
)
def test_the_ending_follows_from_what_became_of_the_people(running, states, ending, cast):
    broadcast, run = running
    for state in states:
        make_delivery(run, make_subscriber(cast.workspace), DeliveryState(state))
    signals.run_finished.send(None, run_id=run.id)

    assert broadcast.status == BroadcastStatus(ending)
    assert broadcast.completed_at is not None


def test_the_sender_is_told_when_it_is_over(running, told, cast):
    _, run = running
    make_delivery(run, make_subscriber(cast.workspace), DeliveryState.SENT)
    signals.run_finished.send(None, run_id=run.id)

    assert told() == ["Sent: The hungry gap"]


def test_the_sender_is_told_when_mailrith_pauses_it(running, told):
    _, run = running
    run.phase, run.pause_cause = RunPhase.PAUSED, "auth_refused"
    signals.run_paused.send(None, run_id=run.id)

    assert told() == ["Paused: The hungry gap"]


def test_whoever_pauses_it_needs_no_mail(running, told, cast):
    broadcast, run = running
    steering.pause(cast.workspace, broadcast, run, cast.alice.id)

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, Pause.PERSON)
    assert told() == []


def test_the_sender_is_told_when_somebody_else_pauses_it(running, told, cast):
    broadcast, run = running
    steering.pause(cast.workspace, broadcast, run, cast.bob.id)

    assert told() == ["Paused: The hungry gap"]


def test_a_letter_that_cannot_be_sent_fails_the_broadcast(running, told):
    broadcast, run = running
    run.pause_cause = Pause.LETTER
    signals.run_failed.send(None, run_id=run.id)

    assert broadcast.status == BroadcastStatus.FAILED
    assert told() == ["Not sent: The hungry gap"]


def test_a_run_of_something_else_concerns_nobody_here(cast, told):
    signals.run_finished.send(None, run_id=123456)

    assert told() == []


def test_trying_again_makes_a_finished_broadcast_run_again(running, cast, run_jobs):
    broadcast, run = running
    make_delivery(
        run, make_subscriber(cast.workspace), DeliveryState.FAILED, cause="policy_refused"
    )
    run.phase = RunPhase.FINISHED
    broadcast.status = BroadcastStatus.COMPLETED
    db.session.commit()
    people = steering.try_again(cast.workspace, broadcast, run, "policy_refused", cast.alice.id)

    assert people == 1
    assert broadcast.status == BroadcastStatus.RUNNING


@pytest.fixture
def running(cast):
    connection = make_connection(cast.workspace)
    broadcast = make_broadcast(
        cast.workspace,
        connection_id=connection.id,
        status=BroadcastStatus.RUNNING,
        scheduled_by=cast.alice.id,
    )
    return broadcast, make_run(broadcast, connection)


@pytest.mark.parametrize(("hours", "mails"), [(1, 0), (20, 1)])
def test_a_rest_that_is_soon_over_needs_no_mail(running, told, hours, mails):
    _, run = running
    run.phase, run.pause_cause = RunPhase.PAUSED, Pause.HOURLY_LIMIT
    run.resume_at = now() + timedelta(hours=hours)
    db.session.commit()
    signals.run_paused.send(None, run_id=run.id)

    assert len(told()) == mails
