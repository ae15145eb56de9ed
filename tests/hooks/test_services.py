"""The webhook as services use it: their own proofs, their ways to look first, secrets that are changed without losing an event."""

import hmac
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailrith.connections import credentials
from mailrith.core import clock, config, outbound
from mailrith.core.db import db
from mailrith.events import jobs, signing_certificates
from mailrith.events.models import HookRefusals, HookRequest, HookRequestState
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.events.providers.cases import amazon_ses
from tests.support import factories, factories_events
from tests.support.factories_events import event, make_delivery, signed

pytestmark = pytest.mark.usefixtures("run_jobs")


@pytest.fixture
def connection(cast):
    connection = factories.make_connection(cast.workspace)
    credentials.make_hook_secrets(connection)
    db.session.commit()
    return connection


@pytest.fixture
def address(connection):
    return lambda: f"/hooks/{connection.public_id}/{secrets(connection).path_secret}"


@pytest.fixture
def chosen(connection):
    def choose(source, *keys, **mapping):
        connection.events_source = source
        connection.events_mapping = mapping
        credentials.seal_service_keys(connection, keys)
        db.session.commit()

    return choose


@pytest.fixture
def sent(cast, connection):
    run = factories_events.make_run(cast.workspace, connection)
    return make_delivery(run, factories.make_subscriber(cast.workspace))


def test_after_a_rotation_the_old_secret_and_address_hold_for_three_days(
    client, connection, address, monkeypatch
):
    body = b'{"event": "test"}'
    path, old = address(), signed(secrets(connection).signing_secret, body)
    credentials.rotate_hook_secret(connection, "path")
    credentials.rotate_hook_secret(connection, "signing")
    db.session.commit()
    new = signed(secrets(connection).signing_secret, body)

    for where in (path, address()):
        for headers in (old, new):
            assert client.post(where, data=body, headers=headers).status_code == 200

    later = clock.now() + timedelta(hours=72)
    for module in ("connections.credentials", "events.endpoints"):
        monkeypatch.setattr(f"mailrith.{module}.now", lambda: later)
    assert client.post(path, data=body, headers=new).status_code == 404
    assert client.post(address(), data=body, headers=old).status_code == 403
    assert client.post(address(), data=body, headers=new).status_code == 200


def test_an_old_secret_that_is_ended_by_hand_stops_at_once(client, connection, address):
    path = address()
    credentials.rotate_hook_secret(connection, "path")
    credentials.end_old_hook_secret(connection, "path")
    db.session.commit()

    assert client.post(path, data=b"{}").status_code == 404


def test_a_service_that_signs_is_refused_until_its_key_is_here(client, address, chosen):
    chosen("sendgrid")

    answer = client.post(address(), data=b"[]")

    assert answer.status_code == 403
    assert "verification key" in answer.json["message"]


def test_a_refused_request_is_counted_and_never_stored(client, connection, address):
    for _ in range(3):
        client.post(address(), data=b'{"secret thing": 1}')
    db.session.rollback()

    counted = db.session.get_one(HookRefusals, connection.id)
    assert counted.count == 3
    assert counted.sentence.startswith("The header")
    assert db.session.scalars(select(HookRequest)).all() == []

    body = b'{"event": "test"}'
    client.post(address(), data=body, headers=signed(secrets(connection).signing_secret, body))
    client.post(address(), data=b"{}")
    db.session.expire_all()
    assert db.session.get_one(HookRefusals, connection.id).count == 1  # since the last good one


def test_mandrill_looks_and_signs_the_public_address(client, address, chosen):
    chosen("mandrill", "key of the webhook")
    url = config.current().public_url + address()
    body = b"mandrill_events=%5B%5D"
    headers = {"X-Mandrill-Signature": mandrill_signature("key of the webhook", url)}

    assert client.head(address()).status_code == 200
    answer = client.post(
        address(), data=body, headers=headers, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    wrong = {"X-Mandrill-Signature": mandrill_signature("key of the webhook", url + "x")}
    assert client.post(address(), data=body, headers=wrong).status_code == 403


def test_azure_is_told_what_it_asks_for_and_only_with_the_secret(
    client, connection, address, chosen
):
    chosen("azure")
    asks = {
        "id": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "512d38b6"},
    }
    body = json.dumps([asks]).encode()
    right = f"{address()}?secret={secrets(connection).signing_secret}"

    assert client.post(address(), data=body).status_code == 403
    assert client.post(right, data=body).json == {"validationResponse": "512d38b6"}
    origin = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    assert client.options(address(), headers=origin).status_code == 403
    allowed = client.options(right, headers=origin)
    assert allowed.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    assert client.options(right).status_code == 405


def test_a_relay_s_own_json_is_read_as_its_mapping_says(
    client, connection, address, chosen, sent, run_jobs
):
    chosen("mapping", kind=["what"], kinds={"dead": "hard_bounce"}, message_id="mail.id")
    body = {"what": "dead", "mail": {"id": factories_events.message_id(sent)}}

    assert client.post(address(), json=body).status_code == 403
    assert client.post(address(), json=body, headers=basic(connection)).status_code == 200
    run_jobs()

    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_a_returned_mail_is_read_as_what_it_reports(
    client, connection, address, chosen, sent, run_jobs
):
    chosen("returned-mail")

    answer = client.post(address(), data=returned(sent), headers=basic(connection))
    run_jobs()

    assert answer.status_code == 200
    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_what_was_stored_is_read_by_whoever_posted_it(
    client, connection, address, chosen, sent, run_jobs
):
    body = json.dumps(event(sent)).encode()
    headers = signed(secrets(connection).signing_secret, body)
    client.post(address(), data=body, headers=headers)
    chosen("returned-mail")  # before the job has run

    run_jobs()

    assert status_of(sent) == SubscriberStatus.BOUNCED


class Amazon:
    """SNS on the network: its certificate, and what it says to a yes."""

    def __init__(self):
        self.told = []
        self.answer = outbound.Answer(200, b"<ok/>")

    async def get(self, url, **_):
        if url.endswith(".pem"):
            return outbound.Answer(200, amazon_ses.certificate())
        self.told.append(url)
        return self.answer


@pytest.fixture
def amazon(monkeypatch, chosen):
    found = Amazon()
    monkeypatch.setattr(outbound, "get", found.get)
    signing_certificates.forget()
    chosen("amazon-ses", amazon_ses.arn("news"))
    yield found
    signing_certificates.forget()


@pytest.fixture
def ask(client, address):
    def ask(topic="news"):
        message = amazon_ses.CONFIRMATION | {"TopicArn": amazon_ses.arn(topic)}
        asked = amazon_ses.signed(message)
        return client.post(address(), data=asked.body, headers=asked.headers)

    return ask


def test_a_chosen_topic_that_asks_is_confirmed_by_a_job(ask, amazon, run_jobs):
    assert ask().status_code == 200
    assert amazon.told == []  # nothing waits for the network while Amazon waits
    run_jobs()

    request = db.session.scalars(select(HookRequest)).one()
    assert amazon.told == [amazon_ses.CONFIRMATION["SubscribeURL"]]
    assert request.state == HookRequestState.APPLIED
    assert [found["outcome"] for found in request.results] == ["confirmed"]


def test_another_topic_is_neither_stored_nor_confirmed(ask, amazon, run_jobs):
    assert ask("somebody-else-s").status_code == 403
    run_jobs()

    assert amazon.told == []
    assert db.session.scalars(select(HookRequest)).all() == []


def test_a_topic_whose_server_is_silent_is_answered_later(ask, amazon, run_jobs):
    amazon.answer = outbound.NoAnswer("silent")
    ask()
    run_jobs()

    request = db.session.scalars(select(HookRequest)).one()
    assert request.state == HookRequestState.RECEIVED  # so the scheduler finds it again
    amazon.answer = outbound.Answer(200, b"")
    jobs.apply(request.id)
    run_jobs()
    db.session.refresh(request)
    assert request.state == HookRequestState.APPLIED


def test_a_yes_that_is_not_taken_is_said(ask, amazon, run_jobs):
    amazon.answer = outbound.Answer(403, b"")
    ask()
    run_jobs()

    request = db.session.scalars(select(HookRequest)).one()
    assert request.state == HookRequestState.IGNORED
    assert "again" in request.results[0]["words"]


def test_events_of_a_confirmed_topic_are_applied(client, address, amazon, sent, run_jobs):
    sample = json.loads(json.dumps(amazon_ses.SAMPLE))
    sample["bounce"]["bouncedRecipients"][0]["emailAddress"] = sent.email
    sample["mail"]["tags"] = {}
    sample["mail"]["headers"] = [{"name": "Message-ID", "value": factories_events.message_id(sent)}]
    post = amazon_ses.sign(json.dumps(sample).encode(), "news")

    assert client.post(address(), data=post.body, headers=post.headers).status_code == 200
    run_jobs()

    assert status_of(sent) == SubscriberStatus.BOUNCED


def secrets(connection):
    return credentials.hook_secrets(connection)


def basic(connection):
    password = secrets(connection).signing_secret
    return {"Authorization": "Basic " + b64encode(f"mailrith:{password}".encode()).decode()}


def mandrill_signature(key, url):
    return b64encode(hmac.digest(key.encode(), f"{url}mandrill_events[]".encode(), "sha1")).decode()


def returned(delivery):
    return (
        "From: MAILER-DAEMON@mx.post.example\r\n"
        "To: bounces@allotmentpost.example\r\n"
        "Message-ID: <dsn-1@mx.post.example>\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.post.example\r\n\r\n"
        f"Final-Recipient: rfc822; {delivery.email}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {factories_events.message_id(delivery)}\r\nTo: {delivery.email}\r\n\r\n--b--\r\n"
    ).encode()


def status_of(delivery) -> SubscriberStatus:
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status
