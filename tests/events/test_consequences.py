"""What facts do beside the status of one person: lists of services, complaints that count everywhere, reports of no person."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.events import applying, spreading
from mailrith.events.providers import returned_mail
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression import policy
from mailrith.suppression.models import Suppression, SuppressionReason
from tests.support import factories
from tests.support.factories_events import event, make_delivery, make_run, message_id, store


def test_what_a_service_keeps_on_its_own_list_is_suppressed_and_stays_active(sent, apply, person):
    apply(event(sent, "rejected", diagnostic="Bounced Address"))

    [entry] = entries()
    assert (entry.reason, entry.email) == (SuppressionReason.PROVIDER, person.email)
    assert "Bounced Address" in entry.source
    assert fresh(person).status == SubscriberStatus.ACTIVE


@pytest.mark.parametrize("words", ["Bad content", "daily quota reached", ""])
def test_what_a_service_refuses_for_another_reason_suppresses_nobody(sent, apply, words):
    apply(event(sent, "rejected", diagnostic=words))

    assert entries() == []


def test_a_list_of_a_service_never_weakens_what_the_person_said(sent, apply, person):
    apply(event(sent, "unsubscribed"))
    apply(event(sent, "rejected", diagnostic="Unsubscribed Address"))

    assert [entry.reason for entry in entries()] == [SuppressionReason.UNSUBSCRIBED]


def test_a_complaint_stays_in_its_workspace(sent, apply, person, neighbour):
    twin = factories.make_subscriber(neighbour, email=person.email)

    apply(event(sent, "complaint"))

    assert fresh(twin).status == SubscriberStatus.ACTIVE
    assert [entry.workspace_id for entry in entries()] == [person.workspace_id]


def test_a_complaint_counts_everywhere_where_the_owner_says_so(
    everywhere, sent, apply, person, neighbour, cast
):
    twin = factories.make_subscriber(neighbour, email=person.email.upper())
    stranger = factories.make_subscriber(cast.elsewhere, email=person.email)
    empty = factories.make_workspace(cast.alice)

    apply(event(sent, "complaint", diagnostic="abuse, from The Allotment Post"))

    assert fresh(twin).status == SubscriberStatus.COMPLAINED
    assert fresh(stranger).status == SubscriberStatus.ACTIVE
    found = {entry.workspace_id: entry for entry in entries()}
    assert set(found) == {person.workspace_id, neighbour.id, empty.id}
    # Neither where it came from, nor an address that was never there.
    assert found[neighbour.id].source == twin.status_reason == spreading.WORDS
    assert found[empty.id].email is None
    assert found[empty.id].fingerprint == addresses.fingerprint(empty.address_salt, person.email)


def test_only_a_complaint_counts_everywhere(everywhere, sent, apply, person, neighbour):
    twin = factories.make_subscriber(neighbour, email=person.email)

    apply(event(sent, "hard_bounce"), event(sent, "unsubscribed"))

    assert fresh(twin).status == SubscriberStatus.ACTIVE


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam", "virus"])
def test_feedback_that_no_person_gave_suppresses_nobody(sent, kind):
    [found] = returned_mail.parse(feedback(sent, kind))

    assert getattr(found, "kind", None) not in {"complaint", "unsubscribed", "hard_bounce"}


def test_feedback_of_abuse_is_a_complaint(sent):
    [found] = returned_mail.parse(feedback(sent, "abuse"))

    assert found.kind == "complaint"


def feedback(delivery, kind: str) -> bytes:
    """An abuse report (RFC 5965) about this delivery."""
    lines = [
        "From: <fbl@mailbox.example>",
        "To: <bounces@post.example>",
        "Subject: FW: Hello",
        "Message-ID: <1@mailbox.example>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "This is a report about a mail.",
        "--b",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {kind}",
        "User-Agent: Box/1.0",
        "Version: 1",
        f"Original-Rcpt-To: <{delivery.email}>",
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
        _original(delivery).as_string(),
        "--b--",
    ]
    return "\r\n".join(lines).encode()


def _original(delivery) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hannah@post.example", delivery.email, "Hello"
    mail["Message-ID"] = message_id(delivery)
    mail.set_content("Hello")
    return mail


def entries() -> list[Suppression]:
    return list(db.session.scalars(select(Suppression).order_by(Suppression.id)))


def fresh(person):
    db.session.refresh(person)
    return person


@pytest.fixture
def person(cast):
    return factories.make_subscriber(cast.workspace)


@pytest.fixture
def neighbour(cast):
    return factories.make_workspace(cast.alice, name="The Hungry Gap")


@pytest.fixture
def everywhere(cast):
    policy.choose_complaints(cast.workspace.account_id, everywhere=True, user_id=cast.alice.id)
    db.session.commit()


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def sent(cast, connection, person):
    return make_delivery(make_run(cast.workspace, connection), person)


@pytest.fixture
def apply(connection):
    def together(*events):
        applying.apply(store(connection, *events).id)
        db.session.commit()

    return together
