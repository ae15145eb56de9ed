from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine

from mailrith.accounts.models import AuditEntry
from mailrith.connections import credentials, trials
from mailrith.connections.models import Provider
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, TooMany
from tests.support import factories


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


@pytest.fixture
def dora(cast):
    """She manages connections of the workspace, and nothing else."""
    user = factories.make_user("Dora")
    factories.make_member(cast.workspace, user, connections="manage")
    return user


def try_it(connection, user, recipient="ada@readers.example"):
    trial = trials.prepare(connection, recipient, user)
    db.session.commit()
    result = trials.send(trial)
    trials.record(trial, result)
    db.session.commit()
    return result


def test_a_test_mail_arrives(cast, connection, smtpd):
    result = try_it(connection, cast.alice)

    (got,) = smtpd.messages
    mail = message_from_bytes(got.content, policy=policy.default)
    assert result.ok
    assert result.words.startswith("250 ")
    assert (got.mail_from, got.rcpt_to) == (connection.from_email, "ada@readers.example")
    assert mail["From"].addresses[0].display_name == connection.from_name
    assert mail["Message-ID"] == result.message_id
    assert "Northpost SMTP" in mail.get_content()


@pytest.mark.parametrize(
    "from_name",
    ["Zoë & Søn", '"Quoted" \\ name', "=?utf-8?q?Bob=0ABcc=3A_eve=40x.test?=", "名" * 40],
)
@pytest.mark.any_database
def test_a_sender_name_adds_no_header(cast, connection, smtpd, from_name):
    connection.from_name = from_name
    try_it(connection, cast.alice)

    content = smtpd.messages[0].content
    head = content.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"X-Mailrith-Trial", b"List-Unsubscribe",
        b"List-Unsubscribe-Post", b"Auto-Submitted", b"MIME-Version", b"Content-Type",
        b"Content-Transfer-Encoding",
    ]  # fmt: skip
    assert b"\nBcc" not in content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_it_goes_the_way_that_letters_go_at_the_service(cast, connection, smtpd):
    connection.provider = Provider.POSTMARK
    connection.provider_options = {"message_stream": "weekly"}
    try_it(connection, cast.alice)

    head = smtpd.messages[0].content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert b"X-PM-Message-Stream: weekly" in head
    assert b"X-PM-TrackOpens: false" in head
    assert b"X-PM-Metadata-mailrith: test" in head


def test_a_refusal_comes_back_in_plain_words(cast, connection, smtpd):
    smtpd.answer("MAIL", "553 5.7.1 Not your address")
    result = try_it(connection, cast.alice)

    assert not result.ok
    assert result.cause.title == "Sender address refused"
    assert result.words == "553 5.7.1 Not your address"


def test_a_server_that_is_away_comes_back_in_plain_words(cast, connection, smtpd):
    smtpd.drop("greeting")
    result = try_it(connection, cast.alice)

    assert result.cause.title == "The line broke"


def test_a_bad_address_is_refused_before_anything_is_sent(cast, connection, smtpd):
    with pytest.raises(Invalid) as raised:
        trials.prepare(connection, "a@x.test\r\nRCPT TO:<eve@x.test>", cast.alice)

    assert raised.value.field == "recipient"
    assert smtpd.connections == 0


def test_test_mails_are_limited_for_each_person(cast, dora, connection, monkeypatch):
    monkeypatch.setattr(trials, "A_PERSON_AN_HOUR", 2)
    other = factories.make_connection(cast.workspace, name="Other")
    for through in (connection, other):
        trials.prepare(through, "ada@readers.example", cast.alice)
        db.session.commit()

    with pytest.raises(TooMany, match="You have sent 2"):
        trials.prepare(connection, "ada@readers.example", cast.alice)
    trials.prepare(connection, "ada@readers.example", dora)
    db.session.commit()

    with time_machine.travel(now() + timedelta(hours=2)):
        trials.prepare(connection, "ada@readers.example", cast.alice)


def test_test_mails_are_limited_for_each_connection(cast, dora, connection, monkeypatch):
    monkeypatch.setattr(trials, "A_CONNECTION_AN_HOUR", 2)
    other = factories.make_connection(cast.workspace, name="Other")
    for user in (cast.alice, dora):
        trials.prepare(connection, "ada@readers.example", user)
        db.session.commit()

    with pytest.raises(TooMany, match="through Northpost SMTP"):
        trials.prepare(connection, "ada@readers.example", cast.alice)
    trials.prepare(other, "ada@readers.example", cast.alice)


def test_a_test_mail_is_counted_before_the_network_is_touched(cast, connection, smtpd):
    trial = trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()

    row = trials.latest(connection)
    assert (smtpd.connections, row.duration_ms, row.message_id) == (0, None, trial.message_id)
    assert (row.recipient, row.user_id) == ("ada@readers.example", cast.alice.id)


def test_what_became_of_it_is_kept(cast, connection, smtpd):
    accepted = try_it(connection, cast.alice)
    smtpd.answer("MAIL", "553 5.7.1 Not your address")
    refused = try_it(connection, cast.alice)

    newest, older = trials.newest(connection)
    assert (older.words, older.cause, older.duration_ms) == (
        accepted.words,
        "",
        accepted.duration_ms,
    )
    assert (newest.words, newest.cause) == ("553 5.7.1 Not your address", refused.cause_key)
    assert connection.last_error == "553 5.7.1 Not your address"
    assert trials.latest(connection) == newest


def test_a_test_mail_is_noted_without_its_recipient(cast, connection):
    trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()

    (entry,) = db.session.query(AuditEntry)
    assert (entry.action, entry.user_id) == ("connection.tested", cast.alice.id)
    assert "ada" not in str(entry.details)


def test_a_sender_that_nobody_may_use_is_not_tried_either(cast, connection, smtpd):
    connection.from_email = "news@gmail.com"
    credentials.seal(connection, "host", "smtp.northpost.example")

    with pytest.raises(Conflict, match="Google"):
        trials.prepare(connection, "ada@readers.example", cast.alice)
    assert trials.latest(connection) is None
