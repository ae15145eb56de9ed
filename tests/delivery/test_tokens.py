"""A broadcast through a connection that signs in with OAuth, over the wire, on both databases."""

from datetime import timedelta

import pytest

from mailrith.connections import credentials
from mailrith.connections.models import AuthMechanism, Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import RunPhase
from tests.support import factories_delivery as make
from tests.support.certificates import ca_pem, server_context
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture


@pytest.fixture
def service(start_httpd):  # noqa: F811
    httpd = start_httpd(tls=server_context())
    httpd.answer({"access_token": "fresh", "expires_in": 3600})
    return httpd


@pytest.fixture
def smtpd(start_smtpd):
    return start_smtpd(tokens={"ada@example.org": "fresh"}, mechanisms="XOAUTH2")


@pytest.fixture
def run(session, smtpd, service):
    """One under way, whose stored access token was withdrawn before its time."""
    made, _ = make.make_sending_run(smtpd, 5)
    connection = db.session.get_one(Connection, made.connection_id)
    connection.auth_mechanism = AuthMechanism.XOAUTH2
    connection.oauth_token_url, connection.ca_certificate = service.url, ca_pem()
    credentials.seal(connection, "username", "ada@example.org")
    credentials.seal(connection, "oauth_refresh", "canary-refresh")
    credentials.seal(connection, "oauth_access", "withdrawn")
    connection.oauth_access_until = now() + timedelta(hours=1)
    credentials.renew_fingerprint(connection)
    db.session.commit()
    return made


def test_a_broadcast_gets_itself_a_new_token_and_goes_out(run, smtpd, service):
    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 5}
    assert run.phase == RunPhase.FINISHED
    assert len(service.asked) == 1, "the lanes asked together, and one of them for all"
    assert smtpd.logins[-1] == ("ada@example.org", "fresh")


def test_a_broadcast_without_permission_rests_and_says_why(run, smtpd, service):
    service.answer({"error": "invalid_grant", "error_description": "Revoked"}, status=400)
    jobs.send_slice(run.id)
    db.session.refresh(run)

    assert run.phase == RunPhase.PAUSED
    assert (run.pause_cause, run.pause_words) == ("token_refused", "invalid_grant: Revoked")
    assert smtpd.messages == []
