from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from mailrith.connections import trials
from mailrith.connections.models import Provider
from mailrith.core.db import db
from mailrith.core.errors import Invalid, TooMany
from tests.support import factories


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


def try_it(connection, user, recipient="ada@readers.example"):
    trial = trials.prepare(connection, recipient, user)
    db.session.commit()
    return trials.send(trial)


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


def test_test_mails_are_limited_for_each_person(cast, connection, monkeypatch):
    monkeypatch.setattr(trials, "TRIALS_AN_HOUR", 2)
    for _ in range(2):
        trials.prepare(connection, "ada@readers.example", cast.alice)
        db.session.commit()

    with pytest.raises(TooMany):
        trials.prepare(connection, "ada@readers.example", cast.alice)
    trials.prepare(connection, "ada@readers.example", cast.bob)

    monkeypatch.setattr(trials, "now", lambda: trials_now() + timedelta(hours=2))
    trials.prepare(connection, "ada@readers.example", cast.alice)


def trials_now():
    from mailrith.core.clock import now

    return now()
