"""The page that sends a test."""

import pytest

from tests.support.factories import make_connection
from tests.support.factories_broadcasts import make_broadcast


def test_it_goes_to_oneself_by_itself(signed_in, at, cast):
    assert cast.alice.email in signed_in.get(at("test")).text


def test_what_the_server_said_is_shown(signed_in, at, smtpd, reader):
    answer = signed_in.post(at("test"), data={"to": "a@b.example", "reader": reader.public_id})

    assert answer.status_code == 200
    assert "accepted it" in answer.text
    assert b"Amara Singh" in smtpd.messages[0].content


def test_a_refusal_says_what_to_do(signed_in, at, smtpd):
    smtpd.answer("MAIL", "550 5.7.1 Sender not verified")
    answer = signed_in.post(at("test"), data={"to": "a@b.example"})

    assert "Sender not verified" in answer.text
    assert "accepted it" not in answer.text


def test_an_address_that_is_none_is_a_sentence(signed_in, at, smtpd):
    answer = signed_in.post(at("test"), data={"to": "a@b.example\nBcc: c@d.example"})

    assert answer.status_code == 422
    assert smtpd.messages == []


@pytest.fixture
def connection(cast, smtpd):
    return make_connection(cast.workspace, host=smtpd.host, port=smtpd.port)


@pytest.fixture
def draft(cast, connection, reader):
    return make_broadcast(cast.workspace, connection_id=connection.id)
