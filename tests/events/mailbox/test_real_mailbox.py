"""A real Dovecot's mailbox, read by IMAP and POP3: whole first, once, and only then marked, moved or deleted."""

import re
import smtplib

import pytest
from sqlalchemy import func, select

from mailrith.connections.mailbox.models import Afterwards, BounceMailbox, Protocol
from mailrith.connections.models import SecureMode
from mailrith.core.db import db
from mailrith.delivery.sending import return_addresses
from mailrith.events.mailbox import fetching, jobs, storing, trials, visiting
from mailrith.events.mailbox.imap import ImapBox
from mailrith.events.mailbox.pop3 import Pop3Box
from mailrith.events.models import HookRequest
from mailrith.subscribers.models import SubscriberStatus
from tests.support import factories, mailboxes
from tests.support.certificates import ca_pem
from tests.support.factories_events import make_delivery, make_run, message_id
from tests.support.factories_mailboxes import make_mailbox

DOORS = {
    "imaps": (Protocol.IMAP, SecureMode.TLS),
    "imap": (Protocol.IMAP, SecureMode.STARTTLS),
    "pop3s": (Protocol.POP3, SecureMode.TLS),
    "pop3": (Protocol.POP3, SecureMode.STARTTLS),
}


def mail(number):
    return f"From: a@rig.test\r\nMessage-ID: <{number}@rig.test>\r\nSubject: {number}\r\n\r\nHello {number}\r\n".encode()


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def box(bounce_box, connection):
    """The mailbox as somebody set it up, by one of DOORS."""

    def make(door="imaps", **changes):
        protocol, secure_mode = DOORS.get(door, DOORS["imaps"])
        values = {
            "protocol": protocol,
            "secure_mode": secure_mode,
            "port": bounce_box.port(door),
            "ca_certificate": ca_pem(),
            "username": mailboxes.USER,
            "password": mailboxes.PASSWORD,
        }
        return make_mailbox(connection.id, **values | changes)

    return make


def fetch(mailbox):
    jobs.fetch(mailbox.id)
    return db.session.get(BounceMailbox, mailbox.id, populate_existing=True)


def stored():
    return list(db.session.scalars(select(HookRequest.body).order_by(HookRequest.id)))


@pytest.mark.parametrize("door", DOORS)
def test_every_mail_is_stored_as_it_came_and_read_once(bounce_box, box, door):
    bounce_box.put(*map(mail, range(25)))
    mailbox = box(door)

    for _ in range(2):
        mailbox = fetch(mailbox)

    assert mailbox.trouble == {}
    assert stored() == list(map(mail, range(25)))
    assert mailbox.fetched_at is not None
    bounce_box.put(mail(25))
    fetch(mailbox)
    assert len(stored()) == 26


@pytest.mark.parametrize("door", ["imaps", "pop3s"])
def test_mails_are_deleted_where_that_was_chosen(bounce_box, box, door):
    bounce_box.put(*map(mail, range(25)))

    fetch(box(door, afterwards=Afterwards.DELETE))

    assert len(stored()) == 25
    assert bounce_box.mails() == []


def test_mails_stay_and_are_marked_as_read(bounce_box, box):
    bounce_box.put(mail(1))

    fetch(box())

    (left,) = bounce_box.mails()
    assert left.name.endswith("S")


def test_mails_move_to_a_folder_that_is_made_for_them(bounce_box, box):
    bounce_box.put(mail(1), mail(2))

    mailbox = fetch(box(afterwards=Afterwards.MOVE, move_to="Done"))

    assert mailbox.trouble == {}
    assert bounce_box.mails() == []
    assert len(bounce_box.mails("Done")) == 2


@pytest.mark.parametrize("door", ["imaps", "pop3s"])
def test_a_kill_between_storing_and_deleting_loses_nothing_and_stores_once(
    bounce_box, box, door, monkeypatch
):
    bounce_box.put(mail(1), mail(2))
    mailbox = box(door, afterwards=Afterwards.DELETE)

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ImapBox, "settle", killed)
        patch.setattr(Pop3Box, "settle", killed)
        with pytest.raises(Killed):
            jobs.fetch(mailbox.id)
    db.session.rollback()
    assert len(stored()) == 2
    assert len(bounce_box.mails()) == 2
    mailbox.busy_until = None  # its time is over
    db.session.commit()
    fetch(mailbox)

    assert len(stored()) == 2
    assert bounce_box.mails() == []


def test_a_kill_before_storing_leaves_everything_at_the_server(bounce_box, box, monkeypatch):
    bounce_box.put(mail(1))
    mailbox = box(afterwards=Afterwards.DELETE)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(storing, "store", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.fetch(mailbox.id)
    db.session.rollback()

    assert stored() == []
    assert len(bounce_box.mails()) == 1


def test_a_mailbox_that_begins_anew_is_read_anew_and_known_mails_stay_one(bounce_box, box):
    bounce_box.put(mail(1))
    mailbox = fetch(box())
    bounce_box.empty()
    bounce_box.put(mail(1), mail(2))

    fetch(mailbox)

    assert stored() == [mail(1), mail(2)]


def test_a_mailbox_that_another_worker_reads_is_left_to_it(bounce_box, box):
    bounce_box.put(mail(1))
    mailbox = box()
    assert fetching.begin(mailbox.id) is not None
    db.session.commit()
    jobs.fetch(mailbox.id)

    assert stored() == []


@pytest.mark.parametrize(
    ("door", "changes", "key"),
    [
        ("imaps", {"password": "wrong"}, "sign_in"),
        ("pop3s", {"password": "wrong"}, "sign_in"),
        ("imaps", {"folder": "Nowhere"}, "folder"),
        ("imaps", {"ca_certificate": ""}, "certificate_untrusted"),
        ("smtps", {"protocol": Protocol.IMAP}, "strange"),
        ("pop3", {"secure_mode": SecureMode.TLS}, "tls_mismatch"),
        ("imaps", {"host": "169.254.169.254"}, "refused_host"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words_without_secrets(bounce_box, box, door, changes, key):
    if door == "smtps":
        changes = changes | {"port": bounce_box.host.port("smtps")}
        door = "imaps"
    mailbox = fetch(box(door, **changes))

    assert mailbox.trouble["key"] == key
    assert mailbox.failing_since is not None
    assert mailboxes.USER not in str(mailbox.trouble)
    assert mailboxes.PASSWORD not in str(mailbox.trouble)
    assert db.session.scalar(select(func.count()).select_from(HookRequest)) == 0


class TestTryIt:
    @pytest.fixture
    def tried(self, cast, connection, run_jobs):
        def work(mailbox):
            trials.ask(connection, cast.alice)
            db.session.commit()
            run_jobs()
            return trials.of(db.session.get(BounceMailbox, mailbox.id, populate_existing=True))

        return work

    @pytest.mark.parametrize("door", DOORS)
    def test_it_counts_and_changes_nothing(self, bounce_box, box, tried, door):
        bounce_box.put(mail(1), mail(2))

        found = tried(box(door, afterwards=Afterwards.DELETE))

        assert (found.done, found.trouble, found.count) == (True, None, 2)
        assert [step.name for step in found.steps] == list(visiting.STEPS)
        assert len(bounce_box.mails()) == 2
        assert stored() == []

    def test_it_stops_at_the_step_that_fails(self, bounce_box, box, tried):
        found = tried(box(password="wrong"))

        assert [step.ok for step in found.steps] == [True, True, False]
        assert found.trouble.key == "sign_in"
        assert "app password" in found.trouble.sentence


def test_a_postfix_that_knows_nobody_reports_to_the_mailbox_and_the_person_is_bounced(
    bounce_box, mailhost, cast, connection, box, run_jobs
):
    mailbox = box(address=mailboxes.ADDRESS)
    person = factories.make_subscriber(cast.workspace, email="ghost@news.rig.test")
    sent = make_delivery(make_run(cast.workspace, connection), person)
    sender = return_addresses.envelope(mailbox.address, message_id(sent).strip("<>"))
    with smtplib.SMTP(mailhost.host, mailhost.port("plain")) as client:
        # A relay that writes a Message-ID of its own: only the envelope leads back.
        client.sendmail(sender, person.email, b"Message-ID: <theirs@relay.test>\r\n\r\nHello\r\n")
    mailhost.wait_for(rf"to=<{re.escape(sender)}>.*status=sent")

    trouble = fetch(mailbox).trouble
    db.session.commit()  # an open transaction would keep SQLite's one write lock from the job
    run_jobs()

    assert trouble == {}
    assert len(stored()) == 1
    db.session.refresh(person)
    assert person.status == SubscriberStatus.BOUNCED
