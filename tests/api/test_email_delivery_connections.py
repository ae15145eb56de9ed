"""Delivery connections through the API: the same rules as on their pages, and no secret in any answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mailrith.accounts.models import AuditEntry
from mailrith.accounts.scopes import LIVE
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.connections import actions, credentials
from mailrith.connections.models import Connection, ConnectionTrial, ConnectionWorkspace, Provider
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories
from tests.support.factories_broadcasts import make_broadcast
from tests.support.factories_connections import typed_connection

HOME = "/email-delivery-connections"
PASSWORD = "canary-password"
USERNAME = "hannah@northpost"


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def here(connection):
    return f"{HOME}/{connection.public_id}"


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.get_json()["data"]


def error(answer):
    return answer.get_json()["error"]


def guarded(cast, smtpd=None, **changes):
    """A connection with a password, as its form makes it."""
    values = typed_connection(
        cast.workspace,
        port=smtpd.port if smtpd else 1025,
        username=USERNAME,
        password=PASSWORD,
        allow_clear_auth=True,
        **changes,
    )
    made = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return made


def test_the_list_is_the_workspaces_own_newest_first_and_in_pages(program, cast):
    made = [factories.make_connection(cast.workspace, name=f"Way {n}") for n in range(3)]
    factories.make_connection(cast.elsewhere)

    first = program.get(f"{HOME}?limit=2").get_json()
    rest = program.get(
        f"{HOME}?limit=2&starting_after={first['pagination']['next_cursor']}"
    ).get_json()

    assert [one["name"] for one in first["data"]] == ["Way 2", "Way 1"]
    assert first["pagination"]["has_more"] is True
    assert [one["id"] for one in rest["data"]] == [str(made[0].public_id)]
    assert rest["pagination"] == {"has_more": False, "next_cursor": None}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=²", "starting_after=!", "limitt=5", "limit=1&limit=2"]
)  # fmt: skip
def test_a_list_refuses_what_it_does_not_know_by_name(program, query):
    answer = program.get(f"{HOME}?{query}")

    assert answer.status_code == 400
    assert error(answer)["code"] == "invalid_query"
    assert error(answer)["details"]["field"] == query.partition("=")[0]


def test_one_says_how_its_server_is_reached_and_nothing_secret(program, program_of, cast):
    made = guarded(cast)
    reader = program_of(cast.workspace, cast.bob)

    answer = program.get(f"{HOME}/{made.public_id}")
    config = data(answer)["provider_config"]
    read = reader.get(f"{HOME}/{made.public_id}")

    assert config == {
        "host": "127.0.0.1",
        "port": 1025,
        "secure_mode": "none",
        "username": USERNAME,
        "has_password": True,
    }
    assert PASSWORD not in answer.text
    # Bob may see connections and change none: their usernames are not for him, whatever his key says.
    assert "username" not in data(read)["provider_config"]
    assert USERNAME not in read.text


def test_the_operators_server_stays_the_operators(program, cast):
    made = factories.make_connection(cast.workspace, provider=Provider.INSTALLATION)

    assert data(program.get(f"{HOME}/{made.public_id}"))["provider_config"] is None
    refused = program.patch(f"{HOME}/{made.public_id}", json={"from_email": "a@b.example"})
    assert refused.status_code == 400
    assert error(refused)["details"]["field"] == "from_email"


def test_a_single_field_is_changed_and_the_password_stays(program, cast):
    made = guarded(cast)
    before = made.sealed_password, made.credential_fingerprint

    answer = program.patch(f"{HOME}/{made.public_id}", json={"from_name": "Hannah"})

    assert data(answer)["from_name"] == "Hannah"
    db.session.refresh(made)
    assert made.name == "Northpost SMTP"
    assert (made.sealed_password, made.credential_fingerprint) == before
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.action == "connection.edited"
    assert entry.details["changed"] == ["from_name"]
    assert entry.details["api_key"]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("host", "mail.evil.example"),
        ("port", 2525),
        ("secure_mode", "none"),
        ("verify_certificate", False),
        ("username", "mallory"),
        ("password", "x"),
        ("provider_config", {"host": "mail.evil.example"}),
    ],
)
def test_nobody_moves_a_stored_password_by_a_program(program, cast, smtpd, member, value):
    thief = smtpd
    made = guarded(cast)
    before = made.sealed_password, made.sealed_host, made.sealed_username, made.port

    answer = program.patch(f"{HOME}/{made.public_id}", json={"name": "Mine", member: value})

    assert answer.status_code == 400
    assert error(answer)["code"] == "invalid_body"
    assert error(answer)["details"]["field"] == member
    db.session.refresh(made)
    assert (made.sealed_password, made.sealed_host, made.sealed_username, made.port) == before
    assert made.name == "Northpost SMTP"
    assert thief.logins == []


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"from_email": "nonsense"}, "from_email"),
        ({"from_email": 5}, "from_email"),
        ({"from_name": "Eve\r\nBcc: x@y.example"}, "from_name"),
        ({"from_name": "=?utf-8?q?Eve=0D=0ABcc:?="}, "from_name"),
    ],
)
def test_a_value_that_does_not_fit_is_named(program, here, body, field):
    answer = program.patch(here, json=body)

    assert answer.status_code == 400
    assert error(answer)["details"]["field"] == field


def test_what_is_in_use_is_neither_changed_nor_disabled_nor_deleted(
    program, cast, connection, here
):
    make_broadcast(
        cast.workspace,
        subject="March letter",
        connection_id=connection.id,
        status=BroadcastStatus.SCHEDULED,
        scheduled_at=now() + timedelta(days=1),
    )

    answers = (
        program.patch(here, json={"name": "Other"}),
        program.put(f"{here}/status", json={"enabled": False}),
        program.delete(here),
    )

    for answer in answers:
        assert answer.status_code == 409
        assert error(answer)["type"] == "conflict"
        assert [use["name"] for use in error(answer)["details"]["uses"]] == ["March letter"]


def test_what_serves_other_workspaces_is_changed_by_people_only(program, cast, connection, here):
    second = factories.make_workspace(cast.alice, name="The second")
    db.session.add(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    db.session.commit()

    for answer in (
        program.patch(here, json={"name": "Other"}),
        program.put(f"{here}/status", json={"enabled": False}),
        program.delete(here),
    ):
        assert answer.status_code == 409
        assert "other workspaces" in error(answer)["message"]
        assert "The second" not in answer.text


def test_it_is_put_away_and_taken_out_again(program, here):
    off = program.put(f"{here}/status", json={"enabled": False})
    again = program.put(f"{here}/status", json={"enabled": False})
    on = program.put(f"{here}/status", json={"enabled": True})

    assert [data(answer)["state"] for answer in (off, again, on)] == ["disabled", "disabled", "ready"]  # fmt: skip


def test_a_deleted_one_is_gone_with_its_secrets(program, cast):
    made = guarded(cast)
    path = f"{HOME}/{made.public_id}"

    answer = program.delete(path)

    assert answer.status_code == 204
    assert answer.data == b""
    assert program.get(path).status_code == 404
    db.session.refresh(made)
    assert (made.sealed_password, made.sealed_username, made.sealed_host) == (None, None, None)


def test_verify_is_done_by_a_worker_and_its_steps_are_polled(program, cast, smtpd, run_jobs):
    made = guarded(cast, smtpd)
    path = f"{HOME}/{made.public_id}"
    smtpd.users[USERNAME] = PASSWORD

    before = program.get(f"{path}/verification")
    asked = data(program.post(f"{path}/verify"))
    same = data(program.post(f"{path}/verify"))
    run_jobs()
    done = data(program.get(asked["self"].removeprefix("/v1")))

    assert before.status_code == 404
    assert (asked["status"], asked["ok"]) == ("waiting", None)
    assert same["id"] == asked["id"] == done["id"]
    assert (done["status"], done["ok"]) == ("done", True)
    assert [step["result"] for step in done["steps"]] == ["pass"] * len(done["steps"])
    assert data(program.get(path))["verified_at"]
    assert PASSWORD not in str(done)


def test_a_failed_verify_says_why_and_what_helps(program, cast, smtpd, run_jobs):
    made = guarded(cast, smtpd)
    smtpd.users[USERNAME] = "another"

    program.post(f"{HOME}/{made.public_id}/verify")
    run_jobs()
    done = data(program.get(f"{HOME}/{made.public_id}/verification"))

    assert done["ok"] is False
    failed = next(step for step in done["steps"] if step["result"] == "fail")
    assert failed["message"]
    assert failed["todo"]


def send_trial(program, connection, key="k1", to="ada@readers.example"):
    path = f"{HOME}/{connection.public_id}/test"
    return program.post(path, json={"to": to}, headers={"Idempotency-Key": key})


def test_a_test_mail_is_sent_and_named(program, cast, smtpd):
    made = guarded(cast, smtpd)
    smtpd.users[USERNAME] = PASSWORD

    sent = data(send_trial(program, made))

    assert sent["success"] is True
    assert sent["type"] == "sent"
    assert sent["cause"] is None
    (mail,) = smtpd.messages
    assert f"Message-ID: {sent['messageId']}".encode() in mail.content
    assert mail.rcpt_to == "ada@readers.example"


def test_the_same_request_again_sends_nothing_and_says_the_same(program, cast, smtpd):
    made = guarded(cast, smtpd)
    smtpd.users[USERNAME] = PASSWORD

    first, second = send_trial(program, made), send_trial(program, made)
    other = send_trial(program, made, to="bea@readers.example")

    assert second.get_json() == first.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 409
    assert error(other)["code"] == "idempotency_key_reused"
    assert len(smtpd.messages) == 1
    assert send_trial(program, made, key="k2").status_code == 200
    assert len(smtpd.messages) == 2


def test_two_at_the_same_moment_send_one(app, program, cast, smtpd):
    made = guarded(cast, smtpd)
    smtpd.users[USERNAME] = PASSWORD
    path = f"/v1{HOME}/{made.public_id}/test"
    headers = program.headers | {"Idempotency-Key": "k1"}
    db.session.rollback()
    together = Barrier(4)

    def ask(_):
        together.wait()
        client = FlaskClient(app, app.response_class, use_cookies=False)
        return client.post(path, json={"to": "ada@readers.example"}, headers=headers)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, range(4)))

    assert len(smtpd.messages) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    for answer in answers:
        if answer.status_code == 409:
            assert error(answer)["code"] == "idempotency_key_in_use"
            assert error(answer)["retry"]["safe"] is False


def test_a_refused_test_mail_says_why_in_plain_words(program, cast, smtpd):
    made = guarded(cast, smtpd)
    smtpd.users[USERNAME] = PASSWORD
    smtpd.answer("RCPT", "550 5.1.1 No such user", argument="gone@")

    answer = data(send_trial(program, made, to="gone@readers.example"))

    assert answer["success"] is False
    assert answer["type"] == "failed"
    assert answer["message"]
    assert "No such user" in answer["server_words"]


def test_a_test_mail_needs_a_key_against_doing_it_twice(program, here, smtpd):
    answer = program.post(f"{here}/test", json={"to": "ada@readers.example"})

    assert answer.status_code == 400
    assert error(answer)["code"] == "invalid_idempotency_key"
    assert db.session.scalar(select(ConnectionTrial)) is None


def test_an_address_that_cannot_be_one_is_named_and_nothing_is_counted(program, connection):
    answer = send_trial(program, connection, to="ada at readers")

    assert answer.status_code == 400
    assert error(answer)["details"]["field"] == "to"
    assert db.session.scalar(select(ConnectionTrial)) is None


def test_too_many_test_mails_are_put_off_with_a_time(program, cast, connection, smtpd):
    for _ in range(20):
        db.session.add(
            ConnectionTrial(
                connection_id=connection.id,
                user_id=cast.alice.id,
                recipient="ada@readers.example",
                message_id="<1@x>",
                proof={},
            )
        )
    db.session.commit()

    answer = send_trial(program, connection)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert smtpd.messages == []


def test_mail_to_people_needs_the_lock_that_is_its_own(program_of, cast, connection, smtpd):
    without = program_of(cast.workspace, cast.alice, ["email_delivery_connections:write"])

    answer = send_trial(without, connection)

    assert answer.status_code == 403
    assert error(answer)["missing_scopes"] == [LIVE]
    assert smtpd.messages == []


def test_ids_of_others_and_unassigned_ones_are_nothing(program, cast):
    theirs = factories.make_connection(cast.elsewhere)
    # Alice owns the account, and her key is for one workspace of it.
    unassigned = factories.make_connection(factories.make_workspace(cast.alice, name="The second"))
    asked = [uuid4(), theirs.public_id, unassigned.public_id]

    answers = [program.get(f"{HOME}/{one}") for one in asked]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_a_lost_key_is_told_and_changes_nothing(program, cast, monkeypatch):
    made = guarded(cast)

    def lost(connection, column):
        raise credentials.CredentialsLost(connection)

    monkeypatch.setattr(credentials, "opened", lost)
    answer = program.patch(f"{HOME}/{made.public_id}", json={"name": "Other"})

    assert answer.status_code == 409
    assert error(answer)["code"] == "credentials_lost"
    assert db.session.get_one(Connection, made.id).name == "Northpost SMTP"
