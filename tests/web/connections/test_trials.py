"""Send Test Email: what became of it, with the server's words, and the last few."""

import pytest

from mailrith.connections import trials
from mailrith.connections.models import ConnectionTrial
from mailrith.core.db import db
from tests.web.connections.conftest import HTMX, address


@pytest.fixture
def at(home, connection):
    return address(home, connection, "/test")


@pytest.fixture
def send(signed_in, at):
    return lambda to="ada@readers.example", **more: signed_in.post(
        at, data={"recipient": to}, **more
    )


def test_what_the_server_answered_is_shown(signed_in, at, send, smtpd):
    asked = signed_in.get(at)
    answer = send()
    (trial,) = db.session.query(ConnectionTrial).all()

    assert "Send Test Email" in asked.text
    assert "Northpost SMTP accepted it" in answer.text
    assert smtpd.recipients == ["ada@readers.example"]
    assert trial.message_id.strip("<>") in answer.text
    assert f"{trial.duration_ms:,} ms" in answer.text
    assert trial.words in answer.text


def test_a_refusal_says_why_and_what_to_do(send, smtpd):
    smtpd.answer("RCPT", "550 5.1.1 <b>No such user</b>")
    answer = send()

    assert "No such mailbox" in answer.text
    assert "550 5.1.1 &lt;b&gt;No such user" in answer.text
    assert "Try again" in answer.text


def test_the_last_few_are_listed_and_the_one_just_sent_once(signed_in, at, send, smtpd):
    send("first@readers.example")
    smtpd.answer("RCPT", "550 5.1.1 No such user")
    answer = send("second@readers.example")
    later = signed_in.get(at).text

    assert "Before that" in answer.text
    assert answer.text.count("No such mailbox") == 1
    assert "first@readers.example" in answer.text
    assert later.index("second@readers.example") < later.index("first@readers.example")
    assert "No such mailbox" in later


def test_it_needs_an_address(send, smtpd):
    answer = send("ada")

    assert answer.status_code == 422
    assert "The @ is missing." in answer.text
    assert smtpd.connections == 0


def test_too_many_are_told_so(send, monkeypatch, smtpd):
    monkeypatch.setattr(trials, "A_PERSON_AN_HOUR", 1)
    send()
    answer = send()

    assert answer.status_code == 429
    assert "Wait a little" in answer.text
    assert len(smtpd.messages) == 1


def test_a_script_gets_the_drawers_inside_alone(send):
    answer = send(headers=HTMX)

    assert "<html" not in answer.text
    assert 'id="trial"' in answer.text


def test_it_closes_where_it_was_opened_and_nowhere_else(signed_in, home, at, connection):
    edit = address(home, connection)
    opened = signed_in.get(at, query_string={"next": edit}).text
    refused = signed_in.post(at, data={"recipient": "ada", "next": edit}).text
    elsewhere = signed_in.get(at, query_string={"next": "//evil.test"}).text

    assert f'href="{edit}" aria-label="Close"' in opened
    assert f'href="{edit}" aria-label="Close"' in refused
    assert f'href="{home}" aria-label="Close"' in elsewhere
    assert "evil" not in elsewhere
