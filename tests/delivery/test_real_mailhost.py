"""A run through a real Postfix with Dovecot's sign-in, whose password, key or token changes under way."""

import re
from dataclasses import replace

import pytest

from mailrith.accounts.models import User
from mailrith.connections import actions, credentials
from mailrith.connections.models import AuthMechanism, Connection, SecureMode
from mailrith.core import config, rotation
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine
from tests.support import factories_delivery as make
from tests.support.certificates import ca_pem, server_context
from tests.support.factories_connections import typed_connection
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture
from tests.support.mailhost import PEOPLE

HANNAH = "hannah@rig.test"
SECOND = "a-second-password"
ENDED = r"postfix/submission/smtpd\[\d+\]: disconnect from (.*)"


@pytest.fixture
def run(session, mailhost):
    """Twenty people at ten a second, over one session that signs in."""

    class Server:
        port = mailhost.port("submission")

    made, _ = make.make_sending_run(Server, 20, max_sessions=1, per_second=10)
    type_password(made, PEOPLE[HANNAH], port=Server.port)
    yield made
    mailhost.reset()


@pytest.fixture
def sessions(mailhost):
    """Say good-bye, and what Postfix counted in each session since the test began: (sign-ins, mails)."""
    before = len(re.findall(ENDED, mailhost.log()))

    def read(expected):
        engine.current().close()
        ended = mailhost.wait_for(ENDED, count=before + expected)[before:]
        counts = [dict(re.findall(r"(\w+)=(\d+(?:/\d+)?)", line)) for line in ended]
        return [(count.get("auth"), int(count.get("bdat", 0))) for count in counts]

    return read


@pytest.fixture
def under_way(run, mailhost, in_background, until):
    """The run in a thread, a few mails of it sent. Joins when called."""
    before = len(mailhost.sign_ins())
    join = in_background(run)
    until(lambda: len(mailhost.sign_ins()) > before + 2)
    return join


def type_password(run, password, **changes):
    """As somebody who edits the connection."""
    connection = db.session.get_one(Connection, run.connection_id)
    owner = db.session.query(User).one()
    values = {"secure_mode": SecureMode.STARTTLS, "ca_certificate": ca_pem(), "username": HANNAH}
    values |= {"port": connection.port, "password": password} | changes
    values["workspace_ids"] = frozenset({run.workspace_id})
    limits = connection.max_sessions, connection.per_second
    actions.edit(connection, typed_connection(**values), owner)
    connection.max_sessions, connection.per_second = limits
    db.session.commit()


def test_a_password_that_changes_under_way_signs_in_once_more(
    run, mailhost, under_way, sessions, run_jobs
):
    mailhost.set_password(HANNAH, SECOND)
    type_password(run, SECOND)
    under_way()
    run_jobs()

    counted = sessions(2)
    assert make.states(run) == {"sent": 20}
    assert [signed_in for signed_in, _ in counted] == ["1", "1"]
    assert sum(mails for _, mails in counted) == 20
    assert all(mails > 2 for _, mails in counted)


def test_a_password_that_only_the_server_changed_stops_the_run_and_blames_nobody(
    run, mailhost, sessions
):
    mailhost.set_password(HANNAH, SECOND)

    jobs.send_slice(run.id)
    jobs.send_slice(run.id)

    db.session.refresh(run)
    assert (run.phase, run.pause_cause) == ("paused", "auth_refused")
    assert make.states(run) == {"queued": 20}
    assert sessions(1) == [("0/1", 0)], "one wrong password, and no second one"


def test_a_new_key_under_way_opens_no_new_session(run, under_way, sessions):
    config.install(
        replace(config.current(), keys=(config.Key("k2", b"n" * 32), *config.current().keys))
    )
    resealed = rotation.rotate().resealed
    under_way()

    assert resealed == 3, "host, username and password"
    assert make.states(run) == {"sent": 20}
    assert sessions(1) == [("1", 20)]


def test_a_broadcast_goes_out_by_token(run, mailhost, sessions, start_httpd):  # noqa: F811
    service = start_httpd(tls=server_context())
    service.answer({"access_token": "fresh", "expires_in": 3600})
    mailhost.tokens["fresh"] = HANNAH
    type_password(
        run,
        "",
        auth_mechanism=AuthMechanism.XOAUTH2,
        oauth_client_id="client",
        oauth_secret="client-secret",
        oauth_refresh="refresh",
        oauth_token_url=service.url,
    )
    connection = db.session.get_one(Connection, run.connection_id)
    credentials.seal(connection, "oauth_access", "withdrawn")
    db.session.commit()

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 20}
    assert len(service.asked) == 1
    assert [mails for _, mails in sessions(1)] == [20]
    assert mailhost.sign_ins()[-1] == ("XOAUTH2", HANNAH)
