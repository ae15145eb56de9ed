"""Addresses of a bounce mailbox lead back to one message, and each is good for its one use."""

from email import message_from_bytes
from uuid import UUID

import pytest

from mailrith.connections import trials
from mailrith.core import config
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import Delivery
from mailrith.delivery.sending import engine, message_ids, return_addresses
from tests.support import factories
from tests.support import factories_delivery as make
from tests.support.factories_mailboxes import make_mailbox

RUN = UUID("0198c0de-0000-7000-8000-00000badf00d")
BOX = "bounces@news.rig.test"


@pytest.fixture
def _settings(make_settings):
    config.install(make_settings(database_url="sqlite://"))


@pytest.fixture
def message_id(_settings):
    return message_ids.make(RUN, 1_234_567, "allotmentpost.example")


@pytest.fixture
def _fresh_engine():
    yield
    engine.current().discard()


def mark_in(address):
    (found,) = return_addresses.marks(f"Bounces <{address}>")
    return found


def test_the_envelope_leads_back_to_its_message_whatever_its_case(message_id):
    made = return_addresses.envelope(BOX, message_id)

    found = return_addresses.bounced(mark_in(made.upper()))

    assert made.startswith("bounces+")
    assert made.endswith("@news.rig.test")
    assert message_ids.read(found) == 1_234_567
    assert message_ids.is_of(found, RUN)


def test_the_address_for_leaving_leads_back_to_its_message(message_id):
    found = return_addresses.left(mark_in(return_addresses.leaving(BOX, message_id)))

    assert message_ids.read(found) == 1_234_567
    assert message_ids.is_of(found, RUN)


def test_a_mail_that_is_quoted_gives_nobody_the_address_for_leaving(message_id):
    envelope, leaving = (
        way(BOX, message_id) for way in (return_addresses.envelope, return_addresses.leaving)
    )

    assert return_addresses.left(mark_in(envelope)) is None
    assert return_addresses.bounced(mark_in(leaving)) is None


@pytest.mark.parametrize("position", [0, 9, 17, 25, 35])
def test_a_changed_mark_leads_nowhere(message_id, position):
    for made in (return_addresses.envelope, return_addresses.leaving):
        mark = mark_in(made(BOX, message_id))
        other = "0" if mark[position] != "0" else "1"
        changed = mark[:position] + other + mark[position + 1 :]

        assert return_addresses.bounced(changed) is None
        assert return_addresses.left(changed) is None


@pytest.mark.usefixtures("_settings")
@pytest.mark.parametrize(
    "address", ["", "bounces@news.rig.test", "bounces+@x", "é+é@x", "+" * 5000]
)
def test_other_addresses_have_no_mark_of_ours(address):
    assert [return_addresses.bounced(mark) for mark in return_addresses.marks(address)] in ([], [None])  # fmt: skip


def test_the_longest_mark_leaves_room_for_the_longest_name(make_settings):
    config.install(
        make_settings(database_url="sqlite://", keys=(config.Key("k2345678", b"x" * 32),))
    )
    made = return_addresses.envelope(
        "a" * 14 + "@b.test", message_ids.make(RUN, 16**10 - 1, "c.test")
    )

    assert len(made.partition("@")[0]) == return_addresses.LONGEST_LOCAL


@pytest.mark.usefixtures("_fresh_engine")
class TestSending:
    def test_each_mail_returns_to_an_address_of_its_own_and_offers_a_mail_for_leaving(
        self, session, smtpd
    ):
        run, _ = make.make_sending_run(smtpd, 2)
        make_mailbox(run.connection_id, address=BOX)

        jobs.send_slice(run.id)

        deliveries = db.session.query(Delivery).order_by(Delivery.id).all()
        assert len(smtpd.messages) == 2
        assert {m.mail_from for m in smtpd.messages} == {
            return_addresses.envelope(BOX, _id(run, delivery)) for delivery in deliveries
        }
        for mail in smtpd.messages:
            url, way = ways_out(mail).split(",")
            assert url.startswith("<http")
            assert return_addresses.left(mark_in(way)) is not None

    def test_where_the_server_knows_no_marks_all_return_to_one_address(self, session, smtpd):
        run, _ = make.make_sending_run(smtpd, 1)
        make_mailbox(run.connection_id, address=BOX, tagged=False)

        jobs.send_slice(run.id)

        (mail,) = smtpd.messages
        assert mail.mail_from == BOX
        assert "mailto:" not in ways_out(mail)

    def test_without_a_mailbox_no_mail_offers_an_address_that_nobody_reads(self, session, smtpd):
        run, _ = make.make_sending_run(smtpd, 1)

        jobs.send_slice(run.id)

        (mail,) = smtpd.messages
        assert mail.mail_from == "hannah@allotmentpost.example"
        assert "mailto:" not in ways_out(mail)


def test_a_test_mail_leaves_with_the_envelope_that_a_broadcast_would_have(cast, smtpd):
    connection = factories.make_connection(cast.workspace, port=smtpd.port)
    make_mailbox(connection.id, address=BOX)

    trial = trials.prepare(connection, "ada@people.example", cast.alice)
    db.session.commit()

    assert trials.send(trial).ok
    assert [mail.mail_from for mail in smtpd.messages] == [BOX]


def ways_out(mail):
    return message_from_bytes(mail.content)["List-Unsubscribe"]


def _id(run, delivery):
    return message_ids.make(run.public_id, delivery.id, "allotmentpost.example")
