"""The event log: what is shown to whom, what is masked, and that reading again changes nothing twice."""

import json

import pytest
from sqlalchemy import func, select

from mailrith.connections import credentials
from mailrith.connections.models import ConnectionWorkspace
from mailrith.core import config
from mailrith.core.db import db
from mailrith.events import logbook, recording
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState
from tests.support import factories, factories_events
from tests.support.cast import sign_in
from tests.support.factories_events import event, make_delivery, make_run, store
from tests.support.html import faults
from tests.web.connections.conftest import address


@pytest.fixture
def connection(connection):
    credentials.make_hook_secrets(connection)
    db.session.commit()
    return connection


@pytest.fixture
def sent(cast, connection):
    return make_delivery(
        make_run(cast.workspace, connection), factories.make_subscriber(cast.workspace)
    )


@pytest.fixture
def log(signed_in, home, connection):
    return lambda more="", **query: signed_in.get(
        address(home, connection, f"/events{more}"), query_string=query
    )


@pytest.fixture
def again(signed_in, home, connection):
    return lambda more="": signed_in.post(address(home, connection, f"/events{more}/replay"))


@pytest.fixture
def second(cast, connection):
    """Another workspace of Alice's that the connection serves too, with a mail of its own."""
    second = factories.make_workspace(cast.alice, name="Second")
    factories.save(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    return make_delivery(make_run(second, connection), factories.make_subscriber(second))


@pytest.fixture
def erin(client, cast):
    """Manages connections in the first workspace, and is nobody in the second."""
    erin = factories.make_user("Erin")
    factories.make_member(cast.workspace, erin, connections="manage", broadcasts="view")
    sign_in(client, erin)
    return client


def test_each_request_stands_there_with_its_reason(log, connection, sent, run_jobs):
    store(connection, event(sent, "hard_bounce"))
    store(connection, {"event": "complaint", "message_id": "a@b.example"})
    run_jobs()
    store(connection, {"event": "test"})
    page = log().text

    assert faults(page) == []
    assert "The person is Bounced now" in page
    assert sent.email in page
    assert "No message of this connection has this Message-ID" in page
    assert "Bounced now" not in log(state="ignored").text
    assert "Bounced now" in log(state="applied").text
    assert log(state="nonsense").status_code == 200


def test_long_logs_have_pages(log, connection, run_jobs):
    for number in range(logbook.PAGE + 1):
        store(connection, {"event": f"kind-{number:02}"})
    run_jobs()
    page = log().text

    assert f"Kind-{logbook.PAGE:02}" in page
    assert "Kind-00" not in page
    older = page.split("after=")[1].split('"')[0]
    assert "Kind-00" in log(after=older).text


def test_the_raw_body_is_shown_without_what_opens_something(log, connection, run_jobs):
    secret = credentials.hook_secrets(connection)
    link = f"{config.current().public_url}/u/canary-unsubscribe-token"
    body = {
        "event": "test",
        "signature": {"token": "canary-token", "signature": "canary-signature"},
        "SubscribeURL": "https://sns.example/?canary",
        "Message": json.dumps({"token": "canary-inner"}),
        "address": f"/hooks/x/{secret.path_secret}",
        "headers": [{"name": "List-Unsubscribe", "value": f"<{link}>"}],
    }
    request = store(connection, body)
    run_jobs()
    answer = log(f"/{request.id}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert faults(answer.text) == []
    assert "canary" not in answer.text
    assert secret.path_secret not in answer.text
    assert "List-Unsubscribe" in answer.text


def test_reading_one_again_applies_nothing_twice(log, again, connection, sent, run_jobs):
    request = store(connection, event(sent, "hard_bounce"))
    run_jobs()
    for _ in range(3):
        assert again(f"/{request.id}").status_code == 303
        run_jobs()

    assert db.session.scalar(select(func.count()).select_from(DeliveryFact)) == 1
    assert "Known already" in log(f"/{request.id}").text


def test_what_was_ignored_is_read_by_whoever_is_chosen_now(again, connection, sent, run_jobs):
    body = {"what": "dead", "id": factories_events.message_id(sent)}
    request = store(connection, body)
    run_jobs()
    db.session.refresh(request)
    assert request.state == HookRequestState.IGNORED
    connection.events_source = "mapping"
    connection.events_mapping = {
        "kind": ["what"],
        "kinds": {"dead": "hard_bounce"},
        "message_id": "id",
    }
    db.session.commit()

    assert again().status_code == 303
    run_jobs()

    db.session.refresh(request)
    assert request.state == HookRequestState.APPLIED


def test_a_mail_of_the_bounce_mailbox_stays_one(again, connection, run_jobs):
    mail = b"From: a@b.example\nAuto-Submitted: auto-replied\n\nI am away."
    request = recording.record(connection.id, "message/rfc822", mail, source="bounce-mailbox")
    db.session.commit()
    run_jobs()
    again(f"/{request.id}")
    run_jobs()

    db.session.refresh(request)
    assert (request.source, request.state) == ("bounce-mailbox", HookRequestState.IGNORED)


def test_only_what_is_of_no_use_is_read_again_at_once(again, connection, sent, run_jobs):
    store(connection, event(sent, "delivered"))
    store(connection, {"event": "opened"})
    run_jobs()

    again()

    states = db.session.scalars(select(HookRequest.state).order_by(HookRequest.id)).all()
    assert states == [HookRequestState.APPLIED, HookRequestState.RECEIVED]


def test_of_a_shared_connection_each_sees_their_own(erin, home, connection, sent, second, run_jobs):
    mine = store(connection, event(sent, "hard_bounce"))
    theirs = store(connection, event(second, "complaint"))
    both = store(connection, event(sent, "delivered"), event(second, "soft_bounce"))
    unknown = store(connection, {"event": "complaint", "message_id": "a@b.example"})
    run_jobs()
    log = erin.get(address(home, connection, "/events")).text
    webhooks = erin.get(address(home, connection, "/webhooks")).text

    assert sent.email in log
    for page in (log, webhooks):
        assert second.email not in page
        assert "Complain" not in page
        assert "oft bounce" not in page
    shown = {
        found: erin.get(address(home, connection, f"/events/{found.id}"))
        for found in (mine, theirs, both, unknown)
    }
    assert [answer.status_code for answer in shown.values()] == [200, 404, 200, 404]
    assert second.email not in shown[both].text
    assert "may see all of them" in shown[mine].text  # no raw body
    for found in (theirs, unknown):
        refused = erin.post(address(home, connection, f"/events/{found.id}/replay"))
        assert refused.status_code == 404


def test_whoever_sees_all_its_workspaces_sees_all_of_it(log, connection, sent, second, run_jobs):
    both = store(connection, event(sent, "delivered"), event(second, "soft_bounce"))
    run_jobs()
    page = log(f"/{both.id}").text

    assert sent.email in page
    assert second.email in page
    assert "What was posted" in page
    assert "may see all of them" not in page


def test_another_connection_s_request_is_not_there(log, cast, connection):
    other = factories.make_connection(cast.workspace, name="Other")
    request = store(other, {"event": "test"})

    assert log(f"/{request.id}").status_code == 404
    for number in ("0", "x", "9" * 30, "-1", "²"):
        assert log(f"/{number}").status_code == 404


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("GET", "/events"),
        ("GET", "/events/{id}"),
        ("POST", "/events/{id}/replay"),
        ("POST", "/events/replay"),
        ("POST", "/webhooks/source"),
        ("POST", "/webhooks/keys"),
        ("POST", "/webhooks/keys/remove"),
        ("POST", "/webhooks/secrets/end"),
        ("GET", "/webhooks/mapping"),
        ("POST", "/webhooks/mapping"),
    ],
)
@pytest.mark.any_database
def test_a_stranger_finds_nothing_and_one_who_only_looks_may_not(
    client, cast, home, connection, method, more
):
    request = store(connection, {"event": "opened"})
    before = (connection.sealed_hook_path, request.state)
    own = f"/w/{cast.elsewhere.slug}/connections"
    more = more.format(id=request.id)

    sign_in(client, cast.carol)
    for base in (home, own):
        assert client.open(address(base, connection, more), method=method).status_code == 404
    sign_in(client, cast.bob)
    assert client.open(address(home, connection, more), method=method).status_code == 403
    nobody = client.application.test_client()
    assert nobody.open(address(home, connection, more), method=method).status_code in {303, 401}
    db.session.expire_all()
    assert (connection.sealed_hook_path, request.state) == before
