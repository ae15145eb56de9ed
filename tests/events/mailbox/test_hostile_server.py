"""Servers that lie, flood, trickle and hang up: each ends in a sentence, and none keeps a worker."""

import socket
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from mailrith.connections.mailbox.models import BounceMailbox, Protocol, SignIn
from mailrith.connections.models import SecureMode
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.mailbox import jobs, line
from mailrith.events.models import HookRequest
from tests.support import factories
from tests.support.factories_mailboxes import make_mailbox

CAPABILITY = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS\r\n"


@pytest.fixture
def serve():
    """A server of one line at a time: `script` takes the line's file and answers as it likes."""
    listeners, threads = [], []

    def start(script):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def work():
            try:
                talk, _ = listener.accept()
            except OSError:
                return
            with closing(talk), talk.makefile("rwb", buffering=0) as ends:
                try:
                    script(ends)
                except OSError:
                    return

        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
        return listener.getsockname()[1]

    yield start
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join(10)


@pytest.fixture
def fetched(cast):
    """What is noted after one visit to a port."""
    connection = factories.make_connection(cast.workspace)

    def fetch(port, protocol=Protocol.IMAP, mode=SecureMode.NONE, access_token=""):
        mailbox = make_mailbox(connection.id, port=port, protocol=protocol, secure_mode=mode)
        if access_token:
            mailbox.sign_in, mailbox.oauth_token_url = SignIn.TOKEN, "https://127.0.0.1:1/token"
            mailbox.seal("oauth_refresh", "canary-refresh")
            mailbox.seal("oauth_access", access_token)
            mailbox.oauth_access_until = now() + timedelta(hours=1)
            db.session.commit()
        jobs.fetch(mailbox.id)
        assert db.session.query(HookRequest).count() == 0
        return db.session.get(BounceMailbox, mailbox.id, populate_existing=True)

    return fetch


def imap(**answers):
    """An IMAP server that answers as a good one would, but for these commands."""
    good = {
        b"CAPABILITY": CAPABILITY,
        b"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n",
        b"SEARCH": b"* SEARCH 1\r\n",
    } | {name.encode(): answer for name, answer in answers.items()}

    def script(ends):
        ends.write(b"* OK ready\r\n")
        while said := ends.readline():
            tag, *words = said.split()
            if b"AUTHENTICATE" in words:
                ends.write(b"+ \r\n")
                ends.readline()
            for name in (word for word in words if word.upper() in good):
                answer = good[name.upper()]
                ends.write(answer) if isinstance(answer, bytes) else answer(ends)
            ends.write(tag + b" OK done\r\n")

    return script


def endlessly(piece):
    def write(ends):
        while True:
            ends.write(piece)

    return write


def test_a_mail_that_is_announced_with_a_terabyte_is_not_waited_for(serve, fetched):
    found = fetched(serve(imap(FETCH=b"* 1 FETCH (UID 1 BODY[] {1000000000000}\r\n")))

    assert found.trouble["key"] == "strange"
    assert found.last_uid == 0


@pytest.mark.parametrize("name", ["CAPABILITY", "SELECT", "SEARCH", "FETCH"])
def test_a_flood_of_answers_is_left(serve, fetched, name):
    found = fetched(serve(imap(**{name: endlessly(b"* 5 FLOOD " + b"x" * 9000 + b"\r\n")})))

    assert found.trouble["key"] in {"strange", "lost"}


@pytest.mark.parametrize("protocol", Protocol)
def test_a_line_without_end_is_left(serve, fetched, protocol):
    found = fetched(serve(endlessly(b"x" * 9000)), protocol)

    assert found.trouble["key"] in {"strange", "lost"}


@pytest.mark.parametrize("protocol", Protocol)
def test_a_server_that_trickles_is_cut_off(serve, fetched, protocol, monkeypatch):
    monkeypatch.setattr(line, "VISIT_SECONDS", 0.3)
    waits = threading.Event()

    def trickle(ends):
        while True:
            ends.write(b"* ")
            waits.wait(0.02)

    found = fetched(serve(trickle), protocol)

    assert found.trouble["key"] in {"strange", "lost"}


@pytest.mark.parametrize("protocol", Protocol)
def test_a_server_that_hangs_up_is_tried_again_later(serve, fetched, protocol):
    found = fetched(serve(lambda ends: None), protocol)

    assert found.trouble["key"] in {"strange", "lost"}
    assert found.next_at > found.failing_since


def test_a_password_is_not_typed_before_the_line_is_encrypted(serve, fetched):
    heard = []

    def script(ends):
        ends.write(b"* OK ready\r\n")
        while said := ends.readline():
            heard.append(said)
            ends.write(CAPABILITY + said.split()[0] + b" OK done\r\n")

    found = fetched(serve(script), mode=SecureMode.STARTTLS)

    assert found.trouble["key"] == "no_starttls"
    assert not any(b"AUTH" in said or b"LOGIN" in said for said in heard)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("protocol", "capabilities"),
    [(Protocol.IMAP, CAPABILITY), (Protocol.POP3, b"SASL PLAIN\r\n.\r\n")],
)
def test_a_token_is_shown_to_no_server_that_does_not_offer_it(
    serve, fetched, protocol, capabilities
):
    heard = []

    def script(ends):
        ends.write(b"* OK ready\r\n" if protocol == Protocol.IMAP else b"+OK ready\r\n")
        while said := ends.readline():
            heard.append(said)
            if protocol == Protocol.IMAP:
                ends.write(capabilities + said.split()[0] + b" OK done\r\n")
            else:
                ends.write(b"+OK\r\n" + (capabilities if said == b"CAPA\r\n" else b""))

    found = fetched(serve(script), protocol, access_token="canary-access")

    assert found.trouble["key"] == "no_tokens"
    assert heard
    assert not any(b"AUTH" in said for said in heard)


def test_what_a_server_repeats_of_the_sign_in_is_not_kept(serve, fetched):
    def script(ends):
        ends.write(b"* OK ready\r\n")
        while said := ends.readline():
            tag = said.split()[0]
            if b"AUTHENTICATE" in said:
                ends.write(b"+ \r\n")
                ends.readline()
                ends.write(tag + b" NO bounces@rig.test with canary-mailbox-password, no\r\n")
            else:
                ends.write(CAPABILITY + tag + b" OK done\r\n")

    found = fetched(serve(script))

    assert found.trouble["key"] == "sign_in"
    assert "canary" not in str(found.trouble)
    assert "bounces@rig.test" not in str(found.trouble)
