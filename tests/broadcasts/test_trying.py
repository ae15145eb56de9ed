"""Test mails: what leaves, and what the person is told."""

import email
import email.policy

import pytest

from mailrith.broadcasts import trying
from mailrith.connections.models import Provider
from mailrith.content.merge import Person
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, TooMany
from tests.support.factories import make_connection
from tests.support.factories_broadcasts import make_broadcast
from tests.support.factories_mailboxes import make_mailbox

AMARA = Person("Amara", "amara@postbox.example")


def test_it_reads_as_the_chosen_person_and_says_that_it_is_a_test(send, smtpd):
    result = send()
    mail = _received(smtpd)

    assert result.accepted
    assert mail["Subject"] == "[Test] The hungry gap"
    assert mail["To"] == "alice@people.example"
    assert "Good morning Amara" in mail.get_body(("plain",)).get_content()


def test_its_links_change_nothing(send, smtpd):
    send()
    mail = _received(smtpd)

    assert mail["List-Unsubscribe"].strip("<>").endswith("/u/test")
    assert "Auto-Submitted" not in mail


def test_it_goes_the_way_that_the_letter_will_go_at_the_service(send, connection, smtpd):
    connection.provider = Provider.POSTMARK
    connection.provider_options = {"message_stream": "weekly"}
    send()
    mail = _received(smtpd)

    assert mail["X-PM-Message-Stream"] == "weekly"
    assert mail["X-PM-Metadata-mailrith"].startswith("test-")


def test_it_has_the_envelope_that_the_broadcast_will_have(send, connection, smtpd):
    make_mailbox(connection.id, address="bounces@rig.test")
    send()

    assert [mail.mail_from for mail in smtpd.messages] == ["bounces@rig.test"]


def test_a_refusal_is_told_in_plain_words_with_the_servers_own_beside(send, smtpd):
    smtpd.answer("RCPT", "550 5.1.1 No such user")
    result = send()

    assert not result.accepted
    assert result.title == "No such mailbox"
    assert "550" in result.words
    assert "No such user" in result.words


def test_a_server_that_is_not_there_is_told_in_plain_words(send, draft, connection):
    connection.port = 9
    result = send()

    assert (result.accepted, result.title) == (False, "Connection refused")


def test_an_address_that_is_none_is_refused(send):
    with pytest.raises(Invalid) as refusal:
        send(to="nobody")
    assert refusal.value.field == "to"


def test_without_a_connection_of_its_own_a_test_leaves_through_the_default(send, draft, smtpd):
    draft.connection_id = None

    assert send().accepted
    assert len(smtpd.messages) == 1


def test_without_a_connection_there_is_no_test(send, draft, cast):
    draft.connection_id = make_connection(cast.elsewhere).id

    with pytest.raises(Conflict, match="connection"):
        send()


def test_twenty_an_hour_are_the_most(send, prepare):
    for _ in range(trying.PER_HOUR):
        prepare()
        db.session.commit()

    with pytest.raises(TooMany, match="minutes"):
        prepare()


def _received(smtpd):
    return email.message_from_bytes(smtpd.messages[0].content, policy=email.policy.default)


@pytest.fixture
def connection(cast, smtpd):
    return make_connection(cast.workspace, host=smtpd.host, port=smtpd.port)


@pytest.fixture
def draft(cast, connection):
    return make_broadcast(cast.workspace, connection_id=connection.id)


@pytest.fixture
def prepare(cast, draft):
    def make(to="alice@people.example"):
        return trying.prepare(cast.workspace, draft, to=to, person=AMARA, user_id=cast.alice.id)

    return make


@pytest.fixture
def send(prepare):
    def carry(**changes):
        mail = prepare(**changes)
        db.session.commit()
        return trying.carry(mail)

    return carry
