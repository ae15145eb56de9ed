"""Single messages through the API, from the request to each recipient's outcome."""

from base64 import b64encode
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from mailrith.connections.models import Connection
from mailrith.core import addresses, config
from mailrith.core.db import db
from mailrith.delivery.models import Run
from mailrith.messages.models import Message
from mailrith.suppression.models import Suppression
from tests.support import factories
from tests.support.certificates import ca_pem, server_context
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture

HOME = "/messages"
RECEIPT = {"to": [{"email": "ada@people.example"}], "subject": "Your receipt", "text": "Thanks."}


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


def accepted(answer):
    assert answer.status_code == 202, answer.text
    return answer.get_json()["data"]


def refused(answer):
    assert answer.status_code == 400, answer.text
    return answer.get_json()["error"]["details"]["field"]


def told(program, queued):
    return program.get(queued["self"].removeprefix("/v1")).get_json()["data"]


def messages():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Message))


def test_a_message_is_queued_sent_and_told_of(program, connection, smtpd, run_jobs):
    queued = accepted(program.post(HOME, json=RECEIPT))
    waiting = told(program, queued)
    run_jobs()
    done = told(program, queued)

    assert (queued["success"], queued["type"]) == (True, "queued")
    assert (waiting["status"], waiting["recipients"][0]["status"]) == ("sending", "queued")
    assert (done["status"], done["status_reason"]) == ("finished", None)
    assert done["messageId"] == queued["messageId"]
    [one] = done["recipients"]
    assert (one["type"], one["email"], one["status"], one["reply_code"], one["attempts"]) == (
        "to",
        "ada@people.example",
        "sent",
        250,
        1,
    )
    assert queued["messageId"].encode() in smtpd.messages[0].content


def test_everything_that_a_message_can_say_arrives(
    program,
    connection,
    smtpd,
    run_jobs,
    start_httpd,  # noqa: F811
):
    httpd = start_httpd(tls=server_context())
    httpd.answer({"pears": 2})
    config.install(replace(config.current(), ca=ca_pem()))
    whole = {
        "to": [{"email": "ada@people.example", "name": "Ada"}],
        "cc": "ben@people.example",
        "bcc": [{"email": "cy@people.example"}],
        "reply_to": ["Help <help@allotmentpost.example>"],
        "from_email": "shop@allotmentpost.example",
        "from_name": "Shop",
        "subject": "Grüße",
        "html": "<p>Hello</p>",
        "priority": "high",
        "headers": {"X-Order": "4711"},
        "attachments": [
            {"filename": "a.txt", "content": b64encode(b"pear").decode()},
            {"filename": "b.json", "url": httpd.url},
        ],
        "connection_id": str(connection.public_id),
        "on_error": "stop",
    }

    accepted(program.post(HOME, json=whole, headers={"Idempotency-Key": "1"}))
    run_jobs()

    assert smtpd.recipients == [f"{name}@people.example" for name in ("ada", "ben", "cy")]
    content = smtpd.messages[2].content
    for line in (
        b'From: "Shop" <shop@allotmentpost.example>',
        b'To: "Ada" <ada@people.example>',
        b"Cc: ben@people.example",
        b'Reply-To: "Help" <help@allotmentpost.example>',
        b"X-Priority: 1",
        b"X-Order: 4711",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Type: text/html; charset=utf-8",
        b"cGVhcg==",
        b64encode(b'{"pears": 2}'),
    ):
        assert line + b"\r\n" in content
    assert b"cy@" not in content
    assert smtpd.messages[0].mail_from == "hannah@allotmentpost.example"


def test_several_are_accepted_together_and_listed_newest_first(program, connection, run_jobs):
    several = [RECEIPT | {"subject": f"Receipt {number}"} for number in range(3)]

    queued = accepted(program.post(HOME, json={"messages": several}))["messages"]
    first = program.get(f"{HOME}?limit=2").get_json()
    rest = program.get(f"{HOME}?starting_after={first['pagination']['next_cursor']}").get_json()

    assert [one["subject"] for one in first["data"]] == ["Receipt 2", "Receipt 1"]
    assert [one["id"] for one in rest["data"]] == [queued[0]["id"]]
    assert "recipients" not in rest["data"][0]


BAD = (
    ("messages[1].subject", {"subject": "a\r\nBcc: x@x.test"}),
    ("messages[1].to[0].email", {"to": [{"email": "nobody"}]}),
    ("messages[1].to[0]", {"to": "a@b.test, c@d.test"}),
    ("messages[1].to[1]", {"to": ["a@b.test", "A <A@b.test>"]}),
    ("messages[1].to[0].emial", {"to": [{"email": "a@b.test", "emial": "x"}]}),
    ("messages[1].headers.Bcc", {"headers": {"Bcc": "x@x.test"}}),
    ("messages[1].attachments[0].url", {"attachments": [{"url": "https://10.0.0.1/a"}]}),
    ("messages[1].attachments[0].content", {"attachments": [{"filename": "a", "content": "?"}]}),
    (
        "messages[1].attachments[0].content_id",
        {"html": "<p>", "attachments": [{"filename": "a", "content": "", "content_id": "a>b"}]},
    ),
    (
        "messages[1].attachments[0].content_id",
        {"attachments": [{"filename": "a", "content": "", "content_id": "a"}]},
    ),
    (
        "messages[1].attachments[1].content_id",
        {"html": "<p>", "attachments": [{"filename": "a", "content": "", "content_id": "a"}] * 2},
    ),
    ("messages[1].from_email", {"from_email": "ceo@bank.example"}),
    ("messages[1].priority", {"priority": "urgent"}),
    ("messages[1].on_error", {"on_error": "stop"}),
    ("messages[1].connection_id", {"connection_id": "first"}),
)


def test_one_bad_message_stops_all_and_is_named(program, connection):
    said = [refused(program.post(HOME, json={"messages": [RECEIPT, RECEIPT | bad]})) for _, bad in BAD]  # fmt: skip

    assert said == [field for field, _ in BAD]
    assert messages() == 0
    assert db.session.scalar(select(func.count()).select_from(Run)) == 0


def test_a_message_beside_messages_is_a_mistake(program, connection):
    assert refused(program.post(HOME, json={"messages": [RECEIPT], "subject": "x"})) == "subject"
    assert refused(program.post(HOME, json={"messages": []})) == "messages"


def test_the_same_request_twice_sends_once(program, connection, smtpd, run_jobs):
    key = {"headers": {"Idempotency-Key": "receipt-4711"}}

    first, second = (program.post(HOME, json=RECEIPT, **key).get_json() for _ in range(2))
    run_jobs()

    assert first == second
    assert len(smtpd.messages) == 1


def test_a_key_is_free_again_when_a_file_could_not_be_fetched(
    program,
    connection,
    start_httpd,  # noqa: F811
):
    httpd = start_httpd(tls=server_context())
    config.install(replace(config.current(), ca=ca_pem()))
    wanted = RECEIPT | {"attachments": [{"filename": "a.json", "url": httpd.url}]}
    key = {"headers": {"Idempotency-Key": "receipt-4711"}}

    httpd.answer({}, status=503)
    assert refused(program.post(HOME, json=wanted, **key)) == "attachments[0].url"
    httpd.answer({})
    accepted(program.post(HOME, json=wanted, **key))


def test_why_somebody_got_nothing_is_said_in_words(program, cast, connection, smtpd, run_jobs):
    smtpd.answer("RCPT", "550 5.1.1 No such user", argument="gone@")
    smtpd.answer("RCPT", "450 4.2.0 Later", argument="later@")
    print_ = addresses.fingerprint(cast.workspace.address_salt, "cross@people.example")
    factories.save(Suppression(workspace_id=cast.workspace.id, fingerprint=print_, reason="complained"))  # fmt: skip
    names = ("gone", "later", "cross")

    queued = accepted(program.post(HOME, json=RECEIPT | {"to": [{"email": f"{name}@people.example"} for name in names]}))  # fmt: skip
    run_jobs()
    found = {one["email"].partition("@")[0]: one for one in told(program, queued)["recipients"]}

    assert {name: found[name]["status"] for name in names} == {
        "gone": "permanent_failed",
        "later": "retrying",
        "cross": "skipped",
    }
    assert found["gone"]["server_words"] == "550 5.1.1 No such user"
    assert found["later"]["next_attempt_at"] is not None
    assert "spam" in found["cross"]["message"]


def test_what_it_waits_for_is_said_in_words(program, connection, run_jobs):
    db.session.get_one(Connection, connection.id).enabled = False
    db.session.commit()
    queued = accepted(program.post(HOME, json=RECEIPT))
    run_jobs()

    waiting = told(program, queued)

    assert waiting["status"] == "waiting"
    assert "disabled or paused" in waiting["status_reason"]


def test_nothing_of_another_workspace_can_be_named_or_seen(
    program, program_of, cast, connection, run_jobs
):
    queued = accepted(program.post(HOME, json=RECEIPT))
    carols = program_of(cast.elsewhere, cast.carol)
    factories.make_connection(cast.elsewhere)

    strange = carols.post(HOME, json=RECEIPT | {"connection_id": str(connection.public_id)})
    unknown = carols.post(HOME, json=RECEIPT | {"connection_id": str(uuid4())})

    assert (strange.status_code, strange.get_json()) == (404, unknown.get_json())
    assert carols.get(f"{HOME}/{queued['id']}").status_code == 404
    assert carols.get(HOME).get_json()["data"] == []


def test_without_a_connection_there_is_a_conflict(program):
    answer = program.post(HOME, json=RECEIPT)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (
        409,
        "email_delivery_connection_missing",
    )


def test_a_key_needs_the_scope_and_the_lock_on_what_mails_people(program_of, cast, connection):
    for scopes in (["messages:read"], ["messages:write"], ["live_actions:write"]):
        answer = program_of(cast.workspace, cast.alice, scopes).post(HOME, json=RECEIPT)
        assert answer.status_code == 403
    assert messages() == 0
