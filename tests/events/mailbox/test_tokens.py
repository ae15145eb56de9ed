"""A real Dovecot that is signed in to with tokens (XOAUTH2), and the service that hands them out."""

import threading
from datetime import timedelta

import pytest

from mailrith.connections import credentials
from mailrith.connections.mailbox.models import BounceMailbox, Protocol, SignIn
from mailrith.connections.models import AuthMechanism
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.mailbox import jobs, trials, watching
from mailrith.events.mailbox.imap import ImapBox
from mailrith.events.mailbox.line import Access
from mailrith.events.models import HookRequest
from tests.support import factories, mailboxes
from tests.support.certificates import ca_pem, server_context
from tests.support.factories_mailboxes import make_mailbox
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture

MAIL = b"From: a@rig.test\r\nSubject: Hello\r\n\r\nHello\r\n"
PROTOCOLS = {"imaps": Protocol.IMAP, "pop3s": Protocol.POP3}
on_one_database = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture
def service(start_httpd):  # noqa: F811
    """The service that gives tokens."""
    httpd = start_httpd(tls=server_context())
    httpd.answer({"access_token": "fresh", "token_type": "Bearer", "expires_in": 3600})
    return httpd


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def box(bounce_box, connection, service):
    """A mailbox with one mail, and a permission of its own."""
    bounce_box.put(MAIL)
    bounce_box.host.tokens["fresh"] = mailboxes.USER

    def make(door="imaps", **changes):
        values = {
            "sign_in": SignIn.TOKEN,
            "protocol": PROTOCOLS[door],
            "port": bounce_box.port(door),
            "ca_certificate": ca_pem(),
            "username": mailboxes.USER,
            "password": "",
            "oauth_client_id": "client-7",
            "oauth_secret": "canary-secret",
            "oauth_refresh": "canary-refresh",
            "oauth_token_url": service.url,
            "oauth_scope": "read.mail",
        }
        return make_mailbox(connection.id, **values | changes)

    yield make
    bounce_box.host.tokens.clear()


def hold(mailbox, access):
    mailbox.seal("oauth_access", access)
    mailbox.oauth_access_until = now() + timedelta(hours=1)
    db.session.commit()


def fetch(mailbox):
    jobs.fetch(mailbox.id)
    return db.session.get(BounceMailbox, mailbox.id, populate_existing=True)


def stored():
    return db.session.query(HookRequest).count()


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_token_opens_the_mailbox_and_is_kept_for_the_next_time(box, service, door):
    mailbox = box(door)
    for _ in range(2):
        mailbox = fetch(mailbox)

    assert (mailbox.trouble, stored()) == ({}, 1)
    assert mailbox.opened("oauth_access") == "fresh"
    assert [asked.form for asked in service.asked] == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "canary-refresh",
            "client_id": "client-7",
            "client_secret": "canary-secret",
            "scope": "read.mail",
        }
    ]


@on_one_database
@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_token_that_was_withdrawn_is_replaced_on_the_same_line(box, service, door):
    mailbox = box(door)
    hold(mailbox, "withdrawn")

    assert (fetch(mailbox).trouble, stored()) == ({}, 1)
    assert len(service.asked) == 1


@on_one_database
@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_token_of_somebody_else_opens_nothing_and_is_repeated_nowhere(
    box, bounce_box, service, door
):
    bounce_box.host.tokens["fresh"] = "other@rig.test"

    trouble = fetch(box(door)).trouble

    assert (trouble["key"], stored()) == ("token_not_taken", 0)
    assert "fresh" not in str(trouble)
    assert mailboxes.USER not in str(trouble)
    assert len(service.asked) == 2


@on_one_database
def test_a_permission_that_has_ended_is_told_at_the_step_where_it_is_missed(
    box, cast, connection, service, run_jobs
):
    said = {"error": "invalid_grant", "error_description": "Revoked: canary-refresh"}
    service.answer(said, status=400)
    mailbox = box()
    trials.ask(connection, cast.alice)
    db.session.commit()
    run_jobs()

    found = trials.of(db.session.get(BounceMailbox, mailbox.id, populate_existing=True))
    assert [step.ok for step in found.steps] == [True, True, False]
    assert found.trouble.words == "invalid_grant: Revoked: ..."
    assert "paste the new refresh token" in found.trouble.sentence


@on_one_database
class TestTheSignInForSending:
    @pytest.fixture
    def connection(self, cast, service):
        made = factories.make_connection(cast.workspace)
        made.auth_mechanism = AuthMechanism.XOAUTH2
        made.oauth_token_url, made.ca_certificate = service.url, ca_pem()
        credentials.seal(made, "host", "127.0.0.1")
        credentials.seal(made, "oauth_refresh", "canary-sending")
        credentials.renew_fingerprint(made)
        db.session.commit()
        return made

    @pytest.fixture
    def mailbox(self, box):
        return box(
            sign_in=SignIn.SENDING,
            ca_certificate="",
            oauth_secret="",
            oauth_refresh="",
            oauth_token_url="",
        )

    def test_it_opens_a_mailbox_of_the_same_service(self, mailbox, connection, service):
        assert (fetch(mailbox).trouble, stored()) == ({}, 1)
        assert service.asked[0].form["refresh_token"] == "canary-sending"
        db.session.refresh(connection)
        assert credentials.opened(connection, "oauth_access") == "fresh"

    def test_it_is_shown_to_nobody_else_once_the_connection_has_moved(
        self, mailbox, connection, service
    ):
        credentials.seal(connection, "host", "smtp.elsewhere.example")
        db.session.commit()

        assert fetch(mailbox).trouble["key"] == "not_shared"
        assert service.asked == []


@on_one_database
def test_a_new_access_token_is_no_reason_to_listen_anew_and_a_new_permission_is(box):
    mailbox = box()
    before = Access.of(mailbox)
    hold(mailbox, "another")
    assert Access.of(mailbox) == before

    mailbox.credential_fingerprint = "changed"
    assert Access.of(mailbox) != before


@on_one_database
def test_a_line_that_waits_for_news_gets_its_own_token(box, service, monkeypatch):
    waiting = threading.Event()
    monkeypatch.setattr(watching, "SLICE_SECONDS", 0.2)
    monkeypatch.setattr(ImapBox, "wait", lambda *_: waiting.set())
    access = Access.of(box())
    db.session.rollback()
    watch = watching.Watch(access)

    assert waiting.wait(20)
    watch.leave()
    watch._thread.join(20)
    assert not watch._thread.is_alive()
    assert len(service.asked) == 1
