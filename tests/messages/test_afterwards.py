"""What comes back of a message, what it needs meanwhile, and when it is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mailrith.connections.uses import in_use_by
from mailrith.content.headers import mark_of
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Pause, Run, RunPhase
from mailrith.delivery.sending import message_ids
from mailrith.events import applying
from mailrith.messages import jobs, outcomes
from mailrith.messages.models import GIVE_UP_AFTER, Message, MessageContent
from mailrith.subscribers import timeline
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression.models import Suppression
from tests.messages.test_sending import connection_of, deliveries
from tests.support import factories, factories_events
from tests.support import factories_messages as make


@pytest.fixture
def workspace(session, smtpd):
    return make.sender_through(smtpd)


def come_back(workspace, message_id, kind, **changes):
    """A webhook says this of the message."""
    event = {"event": kind, "message_id": message_id, **changes}
    request = factories_events.store(connection_of(workspace), event)
    applying.apply(request.id)
    db.session.commit()
    db.session.expire_all()
    return request.results[0]["outcome"]


def told(message):
    db.session.rollback()
    db.session.expire_all()
    [found] = outcomes.tell([db.session.get_one(Message, message.id)])
    return found


def rows(model):
    return db.session.scalar(select(func.count()).select_from(model))


def age(message, by):
    """As if it had been accepted, and had ended, so long ago."""
    run = make.run_of(message)
    db.session.get_one(Message, message.id).created_at -= by
    if run.finished_at:
        run.finished_at -= by
    db.session.commit()


@pytest.mark.parametrize(
    ("kind", "reason"), [("hard_bounce", "bounced"), ("complaint", "complained")]
)
def test_what_comes_back_is_told_and_keeps_the_next_message_off(workspace, run_jobs, kind, reason):
    [message] = make.accept(workspace)
    run_jobs()

    assert come_back(workspace, message.message_id, kind, diagnostic="no such user") == "applied"

    [one] = told(message).recipients
    assert (one.status, [fact.kind for fact in one.events]) == ("sent", [kind])
    assert db.session.scalars(select(Suppression)).one().reason == reason
    [next_one] = make.accept(workspace)
    run_jobs()
    assert make.states(next_one) == ["skipped"]


def test_the_mark_of_a_copy_leads_to_its_own_recipient(workspace, run_jobs):
    [message] = make.accept(workspace, make.draft("a@people.example", "b@people.example"))
    run_jobs()
    second = deliveries(message)[1]
    run = make.run_of(message)
    mark = mark_of(message_ids.make(run.public_id, second.id, "allotmentpost.example"))

    come_back(workspace, message_ids.from_mark(mark), "hard_bounce", recipient="b@people.example")

    assert [len(one.events) for one in told(message).recipients] == [0, 1]


def test_copies_that_share_a_message_id_are_told_apart_by_their_address(workspace, run_jobs):
    [message] = make.accept(workspace, make.draft("a@people.example", "b@people.example"))
    run_jobs()

    said = [
        come_back(workspace, message.message_id, "hard_bounce", recipient=recipient)
        for recipient in ("B@people.example", "somebody@else.example")
    ]

    assert said == ["applied", "ignored"]
    assert [len(one.events) for one in told(message).recipients] == [0, 1]


def test_a_subscriber_who_bounces_is_bounced_and_the_mail_stands_on_their_page(workspace, run_jobs):
    person = factories.make_subscriber(workspace, email="ada@people.example")
    [message] = make.accept(workspace)
    run_jobs()
    come_back(workspace, message.message_id, "hard_bounce")

    db.session.refresh(person)
    assert person.status == SubscriberStatus.BOUNCED
    words = [happening.words for happening in timeline.of(person)]
    assert any("Your receipt" in one for one in words)


def test_evidence_settles_a_doubt(workspace, smtpd, run_jobs):
    smtpd.drop("dot")
    [message] = make.accept(workspace)
    run_jobs()
    assert told(message).recipients[0].status == "unknown"

    come_back(workspace, message.message_id, "delivered")

    assert told(message).recipients[0].status == "sent"


def test_a_connection_with_waiting_messages_is_in_use(workspace, run_jobs):
    connection = connection_of(workspace)
    make.accept(workspace)

    [use] = in_use_by(connection.id)
    assert (use.name, use.kind, use.workspace_id) == ("1 message of a program", "message", workspace.id)  # fmt: skip
    db.session.rollback()
    run_jobs()
    assert in_use_by(connection.id) == []


def test_a_message_that_waited_two_days_is_not_sent_any_more(workspace, smtpd, run_jobs):
    connection_of(workspace).enabled = False
    db.session.commit()
    [message] = make.accept(workspace)
    run_jobs()
    jobs.expire()
    assert told(message).status == "waiting"

    age(message, GIVE_UP_AFTER)
    jobs.expire()
    run_jobs()

    [one] = told(message).recipients
    assert (told(message).status, one.status) == ("finished", "permanent_failed")
    assert "too late" in one.words
    assert smtpd.messages == []


def test_the_text_is_forgotten_after_a_day_and_the_rest_after_the_time_of_facts(
    workspace, run_jobs
):
    done, waiting = make.accept(workspace, make.draft(), make.draft("later@people.example"))
    make.run_of(waiting).phase = RunPhase.PAUSED
    db.session.commit()
    run_jobs()

    jobs.prune()
    assert rows(MessageContent) == 2
    age(done, timedelta(days=1, minutes=1))
    jobs.prune()
    assert (rows(MessageContent), rows(Message)) == (1, 2)
    assert told(done).recipients[0].status == "sent"

    age(done, timedelta(days=396))
    jobs.prune()
    assert (rows(Message), rows(Run), rows(Delivery)) == (1, 1, 1)


@pytest.mark.parametrize("cause", [*Pause, "auth_refused", "connection_refused"])
@pytest.mark.any_database
def test_whatever_it_waits_for_has_words(workspace, cause):
    [message] = make.accept(workspace)
    run = make.run_of(message)
    run.phase, run.pause_cause = RunPhase.PAUSED, cause
    db.session.commit()

    assert told(message).words.endswith(".")
    assert "_" not in told(message).words


def test_every_state_has_a_word_of_the_api(workspace):
    assert set(outcomes.STATUS) == set(DeliveryState)
