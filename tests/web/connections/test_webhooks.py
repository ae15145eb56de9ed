"""The webhook page: who posts, keys that are pasted, secrets that change without losing an event, and whether it works."""

import json
from html import unescape

import pytest

from mailrith.connections import credentials
from mailrith.core.db import db
from mailrith.events import recording, refusals, sources
from tests.support import factories_events
from tests.support.html import faults
from tests.web.connections.conftest import address

TOPIC = "arn:aws:sns:eu-west-2:123456789012:news"
SAMPLE = {"data": {"what": "Bounced", "id": "a@b.example", "to": "ada@readers.example"}}
DESCRIBED = {
    "kind": "data.what",
    "kinds": "bounced = hard_bounce",
    "message_id": "data.id",
    "recipient": "data.to",
    "sample": json.dumps(SAMPLE),
}


@pytest.fixture
def connection(connection):
    credentials.make_hook_secrets(connection)
    db.session.commit()
    return connection


@pytest.fixture
def send(signed_in, home, connection):
    def send(more, **form):
        answer = signed_in.post(address(home, connection, f"/webhooks{more}"), data=form)
        db.session.refresh(connection)
        return answer

    return send


@pytest.fixture
def page(signed_in, home, connection):
    return lambda more="": signed_in.get(address(home, connection, f"/webhooks{more}")).text


@pytest.mark.parametrize("source", sources.choices(), ids=lambda source: source.name)
@pytest.mark.any_database
def test_every_service_has_its_three_steps_and_its_address(source, connection, page):
    connection.events_source = source.name
    connection.events_mapping = {"kind": ["a"], "kinds": {"b": "block"}, "message_id": "c"}
    db.session.commit()
    shown = page()

    assert faults(shown) == []
    assert all(step in unescape(shown) for step in source.steps)
    assert f"/hooks/{connection.public_id}/" in shown
    assert ("mailrith:whs_" in shown) is (source.address == "basic")
    assert ('id="key" name="key"' in shown) is source.takes_key


def test_the_provider_s_own_form_is_offered_first(connection, page):
    connection.provider = "postmark"
    db.session.commit()

    assert '<option value="postmark" selected>' in page()


def test_another_service_is_chosen(send, connection, page):
    assert send("/source", source="mandrill").status_code == 303

    assert connection.events_source == "mandrill"
    assert '<option value="mandrill" selected>' in page()
    assert "Waiting for the key" in page()


def test_a_service_that_is_none_is_refused(send, connection):
    assert send("/source", source="smoke signals").status_code == 422
    assert connection.events_source == ""


def test_a_key_is_kept_sealed_and_a_secret_one_is_not_shown_again(send, connection, page):
    send("/source", source="mailgun")
    send("/keys", key="  canary-signing-key-4711 ")

    assert credentials.hook_secrets(connection).service_keys == ("canary-signing-key-4711",)
    assert b"canary" not in connection.sealed_events_keys
    assert "canary-signing" not in page()
    assert "ends in 4711" in page()
    assert "No event yet" in page()


def test_two_keys_hold_until_one_is_removed(send, connection, page):
    send("/source", source="amazon-ses")
    send("/keys", key=TOPIC)
    send("/keys", key=f"{TOPIC}-new")

    assert credentials.hook_secrets(connection).service_keys == (f"{TOPIC}-new", TOPIC)
    mark = page().split('name="mark" value="')[2].split('"')[0]
    send("/keys/remove", mark=mark)
    assert credentials.hook_secrets(connection).service_keys == (f"{TOPIC}-new",)


@pytest.mark.parametrize("key", ["", "news", "arn:aws:\u2028x", "arn:aws" + "x" * 9000])
@pytest.mark.any_database
def test_what_is_no_key_is_refused_with_a_sentence(send, connection, key):
    send("/source", source="amazon-ses")
    answer = send("/keys", key=key)

    assert answer.status_code == 422
    assert "topic ARN" in answer.text or "Topic ARN" in answer.text
    assert credentials.hook_secrets(connection).service_keys == ()


def test_a_sixth_key_is_refused(send, connection):
    send("/source", source="amazon-ses")
    answers = [send("/keys", key=f"{TOPIC}-{number}").status_code for number in range(6)]

    assert answers == [303] * 5 + [422]


@pytest.mark.parametrize("which", ["path", "signing"])
def test_after_a_change_both_are_shown_until_the_old_one_is_ended(send, connection, page, which):
    before = credentials.hook_secrets(connection)
    old = {"path": before.path_secret, "signing": before.signing_secret}[which]
    send("/secrets", which=which)

    assert old in page()
    assert "good until" in page()
    send("/secrets/end", which=which)
    assert old not in page()
    assert "good until" not in page()


def test_a_changed_secret_that_is_part_of_the_address_shows_the_old_address(send, page, connection):
    send("/source", source="postmark")
    old = credentials.hook_secrets(connection).signing_secret
    send("/secrets", which="signing")

    assert page().count(f"mailrith:{old}@") == 1


def test_a_secret_of_another_name_changes_nothing(send, connection):
    before = connection.sealed_hook_path

    assert send("/secrets", which="password").status_code == 400
    assert connection.sealed_hook_path == before


def test_the_light_says_since_when_everything_is_refused(connection, page):
    assert "No event yet" in page()
    factories_events.store(connection, {"event": "test"})
    assert "Last event" in page()

    refusals.note(connection.id, "The signature does not fit.")
    db.session.commit()
    shown = page()
    assert "Refused since" in shown
    assert "The signature does not fit." in shown
    assert "1 request" in shown

    recording.record(connection.id, "message/rfc822", b"a mail", source="bounce-mailbox")
    db.session.commit()
    assert "Refused since" in page()  # that the mailbox works says nothing about the webhook

    factories_events.store(connection, {"event": "test"})
    assert "Refused since" not in page()


def test_a_relay_s_json_is_described_tried_and_kept(send, connection, page):
    described = send("/source", source="mapping")
    assert described.headers["Location"].endswith("/webhooks/mapping")
    assert connection.events_source == ""

    tried = send("/mapping", **DESCRIBED, **{"try": "1"})
    assert tried.status_code == 200
    assert faults(tried.text) == []
    assert "Hard bounce" in tried.text
    assert "a@b.example, ada@readers.example" in tried.text
    assert connection.events_mapping == {}

    assert send("/mapping", **DESCRIBED).status_code == 303
    assert connection.events_source == "mapping"
    assert connection.events_mapping["kinds"] == {"bounced": "hard_bounce"}
    assert "ada@readers" not in json.dumps(connection.events_mapping)
    assert "bounced = hard_bounce" in page("/mapping")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": "bounced = dead"},
        {"kinds": ""},
        {"message_id": ""},
        {"sample": "{", "try": "1"},
        {"sample": "", "try": "1"},
        {"recipient": "a..b"},
    ],
)
@pytest.mark.any_database
def test_a_description_that_is_wrong_says_where(send, connection, wrong):
    answer = send("/mapping", **DESCRIBED | wrong)

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert connection.events_mapping == {}


def test_what_was_changed_stands_in_the_history(send, signed_in, home, connection):
    send("/source", source="amazon-ses")
    send("/keys", key=TOPIC)
    send("/secrets", which="path")
    shown = signed_in.get(address(home, connection, "/history")).text

    for words in ("Chose who posts events", "Added a key", "Replaced the webhook&#39;s address"):
        assert words in shown
    assert TOPIC not in shown
