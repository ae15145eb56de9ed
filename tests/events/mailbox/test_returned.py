"""What a mail out of the mailbox does: only a mark or a Message-ID of ours leads to anybody, and each counts once."""

import pytest
from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.sending import return_addresses
from mailrith.events import jobs
from mailrith.events.mailbox import returned, storing
from mailrith.events.models import DeliveryFact, FactKind, HookRequest, HookRequestState
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.support import factories, factories_events
from tests.support.factories_events import make_delivery, message_id
from tests.support.factories_mailboxes import make_mailbox

BOX = "bounces@news.rig.test"


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def mailbox(connection):
    return make_mailbox(connection.id, address=BOX)


@pytest.fixture
def sent(cast, connection):
    run = factories_events.make_run(cast.workspace, connection)
    return make_delivery(run, factories.make_subscriber(cast.workspace, email="ada@people.example"))


def envelope(delivery):
    return return_addresses.envelope(BOX, message_id(delivery).strip("<>"))


def leaving(delivery):
    return return_addresses.leaving(BOX, message_id(delivery).strip("<>"))


def dsn(to=BOX, about="<x@elsewhere.example>", recipient="ada@people.example", number=1):
    return f"""Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mx.people.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Tue, 03 Mar 2026 09:00:00 +0000
Message-ID: <{number}@mx.people.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<{recipient}>: 550 5.1.1 User unknown
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.people.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {about}
To: {recipient}

--b--
""".replace("\n", "\r\n").encode()


def letter(to, *more, subject="unsubscribe"):
    lines = ["From: Ada <ada@people.example>", f"To: {to}", f"Subject: {subject}", *more]
    return "\r\n".join([*lines, "Message-ID: <own@people.example>", "", "Please.", ""]).encode()


def arrive(mailbox, *mails):
    """As a fetch stores them, applied by their jobs. Gives the last request."""
    for raw in mails:
        storing.store(mailbox.id, mailbox.connection_id, "1", raw)
        db.session.commit()
    for request in db.session.scalars(select(HookRequest).order_by(HookRequest.id)).all():
        jobs.apply(request.id)
    return db.session.scalars(
        select(HookRequest)
        .order_by(HookRequest.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def status_of(delivery):
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status


def kinds():
    return list(db.session.scalars(select(DeliveryFact.kind)))


def test_a_bounce_is_known_by_the_address_it_comes_back_to(mailbox, sent):
    arrive(mailbox, dsn(to=envelope(sent)))

    assert status_of(sent) == SubscriberStatus.BOUNCED
    assert kinds() == [FactKind.HARD_BOUNCE]


def test_a_bounce_is_known_by_the_message_id_it_returns(mailbox, sent):
    arrive(mailbox, dsn(about=message_id(sent)))

    assert status_of(sent) == SubscriberStatus.BOUNCED


@pytest.mark.parametrize("position", [9, 20, 30])
def test_a_forged_bounce_does_nothing(mailbox, sent, position):
    made = envelope(sent)
    other = "0" if made[position] != "0" else "1"
    forged = made[:position] + other + made[position + 1 :]

    request = arrive(mailbox, dsn(to=forged), dsn(number=2))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    assert kinds() == []
    assert request.state == HookRequestState.IGNORED


def test_a_bounce_about_somebody_behind_the_recipient_changes_nobody(mailbox, sent):
    arrive(mailbox, dsn(to=envelope(sent), recipient="behind@list.example"))

    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_the_same_mail_is_one_fact_however_often_it_is_read(mailbox, sent):
    raw = dsn(to=envelope(sent))

    arrive(mailbox, raw, raw)
    arrive(mailbox, raw.replace(b"Return-Path: <>\r\n", b"X-Copy: 1\r\n"))

    assert kinds() == [FactKind.HARD_BOUNCE]


def test_an_automatic_reply_is_counted_and_changes_nobody(mailbox, sent):
    request = arrive(
        mailbox, letter(envelope(sent), "Auto-Submitted: auto-replied", subject="Out of office")
    )

    assert request.results[0]["event"] == returned.ANSWERED
    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_a_mail_to_the_address_for_leaving_unsubscribes_whoever_writes_it(mailbox, sent):
    raw = letter(leaving(sent))

    arrive(mailbox, raw, raw.replace(b"own@", b"again@"))

    assert status_of(sent) == SubscriberStatus.UNSUBSCRIBED
    assert kinds() == [FactKind.UNSUBSCRIBED]
    assert db.session.scalars(select(DeliveryFact.source)).all() == [returned.SOURCE]


@pytest.mark.parametrize(
    "raw", [lambda to: letter(to, "Auto-Submitted: auto-replied"), lambda to: dsn(to=to)]
)
def test_what_a_program_answers_to_the_address_for_leaving_unsubscribes_nobody(mailbox, sent, raw):
    arrive(mailbox, raw(leaving(sent)))

    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_an_ordinary_mail_to_the_envelope_unsubscribes_nobody(mailbox, sent):
    arrive(mailbox, letter(envelope(sent)))

    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_a_mailbox_of_another_connection_touches_nobody(cast, sent):
    other = factories.make_connection(cast.workspace, name="Another")

    arrive(make_mailbox(other.id), dsn(to=envelope(sent)), letter(leaving(sent)))

    assert status_of(sent) == SubscriberStatus.ACTIVE
