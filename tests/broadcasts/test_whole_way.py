"""From the press to the end, through the real engine and a real SMTP server."""

import email
import email.policy

import pytest

from mailrith.broadcasts import actions, queries
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.db import db
from mailrith.delivery import queries as ledger
from mailrith.delivery.models import DeliveryState, Pause, RunPhase
from mailrith.delivery.sending import engine
from mailrith.subscribers.models import SubscriberStatus
from tests.support.factories import make_connection, make_subscriber
from tests.support.factories_broadcasts import make_broadcast


def test_everybody_gets_it_once_and_the_sender_is_told(send, smtpd, told, run_jobs, draft):
    send()
    run_jobs()
    db.session.expire_all()

    assert draft.status == BroadcastStatus.COMPLETED
    assert sorted(smtpd.recipients) == ["amara@postbox.example", "nobody@postbox.example"]
    assert told() == ["Sent: The hungry gap"]


def test_each_letter_is_the_readers_own(send, smtpd, run_jobs):
    send()
    run_jobs()
    texts = {m.rcpt_to: _text(m.content) for m in smtpd.messages}

    assert texts["amara@postbox.example"].startswith("Good morning Amara,")
    assert texts["nobody@postbox.example"].startswith("Good morning friend,")


def test_a_refusal_is_in_the_report_and_the_rest_went_out(send, smtpd, run_jobs, draft):
    smtpd.answer("RCPT", "550 5.1.1 No such user", argument="nobody@")
    send()
    run_jobs()
    db.session.expire_all()
    run = queries.run_of(draft)
    counts = ledger.counts(run.id)

    assert draft.status == BroadcastStatus.COMPLETED
    assert (counts[DeliveryState.SENT], counts[DeliveryState.FAILED]) == (1, 1)
    assert [group.cause for group in ledger.error_groups(run)] == ["mailbox_unknown"]


def test_an_audience_that_grew_waits_for_the_sender(send, smtpd, told, run_jobs, draft, cast):
    send()
    for _ in range(3):
        make_subscriber(cast.workspace)
    run_jobs()
    db.session.expire_all()
    run = queries.run_of(draft)

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, Pause.COUNT_GREW)
    assert smtpd.messages == []
    assert told() == ["Paused: The hungry gap"]


def test_a_refused_sign_in_blames_nobody(send, smtpd, told, run_jobs, draft, connection):
    smtpd.answer("MAIL", "535 5.7.8 bad credentials")
    send()
    run_jobs()
    db.session.expire_all()
    run = queries.run_of(draft)

    assert draft.status == BroadcastStatus.RUNNING
    assert run.phase == RunPhase.PAUSED
    assert ledger.counts(run.id)[DeliveryState.FAILED] == 0
    assert told() == ["Paused: Northpost SMTP", "Paused: The hungry gap"]


def _text(content):
    mail = email.message_from_bytes(content, policy=email.policy.default)
    return mail.get_body(("plain",)).get_content()


@pytest.fixture
def connection(cast, smtpd):
    return make_connection(cast.workspace, host=smtpd.host, port=smtpd.port)


@pytest.fixture
def draft(cast, connection):
    make_subscriber(cast.workspace, name="Amara", email="amara@postbox.example")
    make_subscriber(cast.workspace, name="", email="nobody@postbox.example")
    left = {"email": "left@postbox.example", "status": SubscriberStatus.UNSUBSCRIBED}
    make_subscriber(cast.workspace, **left)
    return make_broadcast(cast.workspace, connection_id=connection.id)


@pytest.fixture
def send(cast, draft, run_jobs):
    def press():
        actions.send_now(cast.workspace, draft, user_id=cast.alice.id)
        db.session.commit()

    yield press
    engine.current().discard()
