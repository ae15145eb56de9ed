"""What counts against a connection, on its way from deliveries and events to a pause."""

import itertools
import secrets
from datetime import timedelta

import pytest

from mailrith.connections import actions
from mailrith.connections.models import ConnectionReputation
from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs as delivery_jobs
from mailrith.delivery.models import Delivery, Run, RunPhase, RunRoute
from mailrith.events import jobs
from mailrith.events import reputation as counting
from mailrith.events.models import DeliveryFact
from tests.support import factories
from tests.support import factories_delivery as make

_number = itertools.count()


@pytest.fixture
def connection(session):
    return factories.make_connection(factories.make_workspace())


@pytest.fixture
def sent(connection):
    """Messages that left through the connection: `sent(300, state="failed", cause="mailbox_unknown")`."""
    workspace = factories.make_workspace()
    run = factories.save(
        Run(
            workspace_id=workspace.id,
            source="broadcast",
            connection_id=connection.id,
            letter={},
            audience={},
            phase=RunPhase.SENDING,
            started_at=now(),
        )
    )
    factories.save(RunRoute(run_id=run.id, connection_id=connection.id))

    def send(count, *, through=connection, at=None, **values):
        made = [
            Delivery(
                run_id=run.id,
                workspace_id=workspace.id,
                connection_id=through.id,
                email=f"reader{next(_number)}@readers.example",
                fingerprint=secrets.token_bytes(16),
                updated_at=at or now(),
                **{"state": "sent"} | values,
            )
            for _ in range(count)
        ]
        db.session.add_all(made)
        db.session.commit()
        return made

    return send


def told(deliveries, kind, times=1, at=None):
    """Events of this kind about the deliveries."""
    for delivery, _ in itertools.product(deliveries, range(times)):
        db.session.add(
            DeliveryFact(
                workspace_id=delivery.workspace_id,
                delivery_id=delivery.id,
                kind=kind,
                occurred_at=at or now(),
                recorded_at=at or now(),
                dedupe_key=str(next(_number)),
                source="test",
            )
        )
    db.session.commit()


def test_hard_bounces_blocks_and_complaints_count_and_soft_bounces_do_not(connection, sent):
    messages = sent(100)
    told(messages[:5], "hard_bounce", times=2)
    told(messages[5:8], "block")
    told(messages[8:20], "soft_bounce")
    told(messages[20:22], "complaint", times=3)
    told(messages, "delivered")

    assert counting.count(connection.id) == Reputation(100, 8, 2)


def test_what_the_server_refused_at_once_counts_as_come_back(connection, sent):
    sent(90)
    sent(7, state="failed", cause="mailbox_unknown")
    sent(3, state="failed", cause="policy_refused")
    sent(11, state="failed", cause="mailbox_full")
    sent(11, state="skipped", cause="unsubscribed")
    sent(11, state="queued")

    assert counting.count(connection.id) == Reputation(100, 10, 0)


def test_only_this_connection_and_these_seven_days_count(connection, sent):
    other = factories.make_connection(factories.make_workspace())
    told(sent(3, through=other), "complaint")
    old = now() - timedelta(days=8)
    told(sent(3, at=old), "complaint", at=old)
    told(sent(2), "complaint")

    assert counting.count(connection.id) == Reputation(2, 0, 2)


def test_too_many_bounces_stop_the_connection_by_themselves(connection, sent):
    told(sent(400)[:20], "hard_bounce")

    jobs.watch_reputations()

    db.session.refresh(connection)
    assert connection.pause_cause == "many_bounces"
    assert reputation.of_one(connection) == Reputation(400, 20, 0)


def test_a_few_complaints_among_few_messages_stop_nothing(connection, sent):
    told(sent(199)[:50], "complaint")

    jobs.watch_reputations()

    db.session.refresh(connection)
    assert connection.paused_at is None


def test_a_running_broadcast_stops_with_the_reason_and_no_stand_in_takes_it(session, smtpd):
    run, _, (first, second) = make.make_routed_run([smtpd, smtpd], 4, fall_back=True)
    reputation.note(first.id, Reputation(1000, 60, 0))
    db.session.commit()

    delivery_jobs.send_slice(run.id)

    db.session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "many_bounces")
    assert {d.connection_id for d in make.deliveries(run)} == {first.id}
    assert second.paused_at is None
    assert smtpd.messages == []


def test_whoever_goes_on_lets_the_broadcast_go_on_and_is_not_stopped_for_the_same_mail_again(
    connection, sent
):
    told(sent(400)[:20], "hard_bounce")
    jobs.watch_reputations()
    db.session.refresh(connection)

    actions.resume_connection(connection, factories.owner_of(connection), "20")
    db.session.commit()
    row = db.session.get(ConnectionReputation, connection.id)
    row.counted_at = now() - timedelta(hours=2)
    db.session.commit()
    jobs.watch_reputations()

    db.session.refresh(connection)
    assert connection.paused_at is None
    told(sent(400)[:20], "hard_bounce")
    jobs.watch_reputations()
    db.session.refresh(connection)
    assert connection.pause_cause == "many_bounces"


def test_a_connection_is_counted_while_it_sends_and_when_something_comes_back(connection, sent):
    messages = sent(3)
    assert counting.due() == [connection.id]

    run = db.session.get(Run, messages[0].run_id)
    run.phase, run.finished_at = RunPhase.FINISHED, now() - timedelta(minutes=5)
    db.session.commit()
    jobs.watch_reputations()
    assert counting.due() == []

    told(messages[:1], "complaint", at=now() + timedelta(seconds=1))
    assert counting.due() == [connection.id]


def test_what_nobody_has_sent_through_for_a_week_is_not_counted(connection, sent):
    (message,) = sent(1)
    run = db.session.get(Run, message.run_id)
    run.phase, run.finished_at = RunPhase.FINISHED, now() - timedelta(days=8)
    db.session.commit()

    assert counting.due() == []
