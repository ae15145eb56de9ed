"""A real Dovecot that speaks by itself (IDLE): what arrives is read at once, and nobody listens for long unasked."""

import threading
import time

import pytest
from sqlalchemy import select

from mailrith.connections.mailbox.models import Protocol
from mailrith.connections.models import SecureMode
from mailrith.core.db import db
from mailrith.events.mailbox import fetching, jobs, watching
from mailrith.events.mailbox.imap import ImapBox
from mailrith.events.models import HookRequest
from tests.support import factories, mailboxes
from tests.support.certificates import ca_pem
from tests.support.factories_mailboxes import make_mailbox

PATIENCE_SECONDS = 20
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def until(condition):
    limit = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def listening():
    return [thread for thread in threading.enumerate() if thread.name == "mailbox-watch"]


@pytest.fixture
def mailbox(bounce_box, cast, monkeypatch):
    monkeypatch.setattr(watching, "SLICE_SECONDS", 0.2)
    made = make_mailbox(
        factories.make_connection(cast.workspace).id,
        protocol=Protocol.IMAP,
        secure_mode=SecureMode.TLS,
        port=bounce_box.port("imaps"),
        ca_certificate=ca_pem(),
        username=mailboxes.USER,
        password=mailboxes.PASSWORD,
    )
    yield made
    watching.listen([])
    until(lambda: not listening())


@pytest.fixture
def waits(monkeypatch):
    """Set while the server was told that somebody listens."""
    waiting = threading.Event()
    wait = ImapBox.wait

    def noted(box, seconds):
        waiting.set()
        return wait(box, seconds)

    monkeypatch.setattr(ImapBox, "wait", noted)
    return waiting


def test_a_mail_that_arrives_is_read_without_waiting_for_the_minute(
    bounce_box, mailbox, waits, run_jobs
):
    jobs.fetch(mailbox.id)
    jobs.listen()
    assert waits.wait(PATIENCE_SECONDS)
    assert run_jobs() == 0

    bounce_box.put(b"From: a@rig.test\r\nSubject: Hello\r\n\r\nHello\r\n")

    def arrived():
        jobs.listen()
        run_jobs()
        return db.session.scalars(select(HookRequest.body)).all()

    until(arrived)
    assert len(arrived()) == 1


def test_a_mailbox_that_was_never_read_is_not_listened_to(bounce_box, mailbox):
    jobs.listen()

    assert listening() == []


def test_nobody_listens_to_a_mailbox_that_is_gone(bounce_box, mailbox, waits):
    jobs.fetch(mailbox.id)
    jobs.listen()
    assert waits.wait(PATIENCE_SECONDS)
    db.session.delete(mailbox)
    db.session.commit()
    jobs.listen()

    until(lambda: not listening())


def test_a_scheduler_that_does_not_ask_any_more_holds_no_line(
    bounce_box, mailbox, waits, monkeypatch
):
    monkeypatch.setattr(watching, "WANTED_SECONDS", 0.0)
    jobs.fetch(mailbox.id)
    jobs.listen()
    assert waits.wait(PATIENCE_SECONDS)

    until(lambda: not listening())


def test_a_server_that_does_not_speak_by_itself_is_left_in_peace(bounce_box, mailbox, monkeypatch):
    monkeypatch.setattr(ImapBox, "can_wait", lambda _: False)
    jobs.fetch(mailbox.id)
    jobs.listen()
    until(lambda: not listening())
    jobs.listen()

    assert listening() == []
    assert fetching.watched(watching.MOST)
