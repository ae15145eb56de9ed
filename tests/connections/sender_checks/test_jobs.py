from datetime import timedelta

import pytest
import time_machine

from mailrith.accounts.models import AuditEntry
from mailrith.connections.checks import checking
from mailrith.connections.mailbox import actions as mailboxes
from mailrith.connections.mailbox.models import Protocol
from mailrith.connections.mailbox.values import MailboxValues
from mailrith.connections.models import Connection, ConnectionTrial, Provider, SecureMode
from mailrith.connections.sender_checks import actions, jobs, light, queries, reading
from mailrith.connections.sender_checks.examination import examine
from mailrith.connections.sender_checks.lookup import Lookup
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from tests.connections.sender_checks import mails
from tests.support import factories
from tests.support.factories_mailboxes import make_mailbox

DOMAIN = "allotmentpost.org"


@pytest.fixture
def connection(cast, names):
    return factories.make_connection(
        cast.workspace, from_email=mails.SENDER, host="mail.allotmentpost.org", port=587
    )


@pytest.fixture
def published(names):
    names.text(DOMAIN, "v=spf1 a:mail.allotmentpost.org -all")
    names.text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; rua=mailto:d@allotmentpost.org")
    names.zone["mail.allotmentpost.org", "A"] = ["93.184.215.14"]
    return names


@pytest.fixture
def trial(connection):
    return factories.save(
        ConnectionTrial(connection_id=connection.id, recipient="ada@gmail.com", message_id=mails.ID)
    )


def test_a_check_is_kept_on_the_connection(connection, published, run_jobs):
    actions.ask(connection)
    db.session.commit()
    assert reading.waiting(connection)
    db.session.commit()
    assert run_jobs() == 1
    db.session.refresh(connection)

    rows = {row.name: row for row in reading.rows_of(connection)}
    assert not reading.waiting(connection)
    assert "covers the address of your server" in rows["spf"].text
    assert rows["dmarc"].found == (
        (f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; rua=mailto:d@allotmentpost.org"),
    )
    assert connection.sender_checked_at is not None


def test_with_a_bounce_mailbox_its_domain_is_asked_for_spf(connection, published, run_jobs):
    published.text("rig.test", "v=spf1 a:mail.allotmentpost.org -all")
    make_mailbox(connection.id, address="bounces@rig.test")
    jobs.check(connection.id)
    rows = {row.name: row for row in reading.rows_of(db.session.get(Connection, connection.id))}

    assert rows["spf"].found == (("rig.test", "v=spf1 a:mail.allotmentpost.org -all"),)
    assert "does not count for allotmentpost.org" in rows["spf"].text
    assert rows["alignment"].state.value == "unknown"
    assert "A DKIM signature has to speak for allotmentpost.org" in rows["alignment"].text


def test_what_was_found_for_another_envelope_is_not_kept(connection, published):
    subject = actions.begin(connection.id)
    make_mailbox(connection.id, address="bounces@rig.test")
    actions.record(connection.id, examine(subject, Lookup.of(config.current())))

    assert connection.sender_checked_at is None


def test_another_bounce_address_is_looked_at_anew(cast, connection, published, run_jobs):
    def save(**changes):
        typed = {"address": "bounces@rig.test", "password": "pw"} | changes
        values = MailboxValues(Protocol.IMAP, "127.0.0.1", SecureMode.TLS, "bounces", **typed)
        mailboxes.save(connection, values, cast.alice)
        db.session.commit()

    connection.verified_at = now()
    save()
    assert reading.waiting(connection)
    assert checking.standing(checking.latest(connection)) == "waiting"
    db.session.commit()
    run_jobs()
    assert reading.report_of(db.session.get(Connection, connection.id)).envelope == "rig.test"

    db.session.commit()
    save(folder="Other")
    assert not reading.waiting(connection)
    db.session.commit()
    mailboxes.remove(connection, cast.alice)
    assert reading.waiting(connection)


def test_the_host_is_not_kept_beside_its_seal(connection, published):
    jobs.check(connection.id)
    published.zone.pop((DOMAIN, "TXT"))
    jobs.check(connection.id)

    assert "mail.allotmentpost" not in str(db.session.get(Connection, connection.id).sender_report)


def test_asking_twice_is_one_check(connection, names, run_jobs):
    actions.ask(connection)
    actions.ask(connection)
    db.session.commit()

    db.session.commit()
    assert run_jobs() == 1


def test_the_round_finds_what_is_due_and_nothing_else(cast, connection, published, run_jobs):
    unused = factories.make_connection(cast.workspace, name="Disabled", enabled=False)
    gone = factories.make_connection(cast.workspace, name="Gone", deleted_at=now())
    assert set(queries.due(10)) == {connection.id}
    assert not {unused.id, gone.id} & set(queries.due(10))

    jobs.ask_due()
    assert queries.due(10) == [], "asked for already"
    db.session.commit()
    run_jobs()
    assert queries.due(10) == []

    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        assert queries.due(10) == [connection.id]
    connection = db.session.get(Connection, connection.id)
    connection.from_email = "hannah@other.org"
    db.session.commit()
    assert queries.due(10) == [connection.id], "its From was changed"


def test_a_check_that_was_lost_is_asked_for_again(connection, names):
    jobs.ask_due()
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert queries.due(10) == [connection.id]


def test_a_record_that_disappears_is_shown(connection, published):
    jobs.check(connection.id)
    del published.zone[f"_dmarc.{DOMAIN}", "TXT"]
    jobs.check(connection.id)

    found = db.session.get(Connection, connection.id)
    assert light(found) == ("warn", "DMARC record has gone")


def test_silence_is_not_taken_for_absence(connection, published):
    jobs.check(connection.id)
    for name in (DOMAIN, f"_dmarc.{DOMAIN}"):
        published.broken[name] = "servfail"
    jobs.check(connection.id)

    rows = {r.name: r for r in reading.rows_of(db.session.get(Connection, connection.id))}
    assert rows["spf"].notes[0].startswith("No name server answered this time")
    assert rows["dmarc"].found


def test_a_from_that_changes_meanwhile_gets_a_check_of_its_own(connection, published, monkeypatch):
    begun = actions.begin(connection.id)
    connection.from_email = "hannah@other.org"
    db.session.commit()
    monkeypatch.setattr(actions, "begin", lambda _id: begun)
    jobs.check(connection.id)

    assert db.session.get(Connection, connection.id).sender_checked_at is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"from_email": "hannah@allotmentpost.example"}, "reserved"),
        ({"from_email": "hannah@news.example.com"}, "reserved"),
        ({"provider": Provider.LOCAL_CATCHER}, "nowhere"),
        ({}, "demo"),
    ],
)
def test_examples_and_the_demo_ask_nobody(connection, names, monkeypatch, change, why):
    import dataclasses

    if why == "demo":
        settings = dataclasses.replace(config.current(), demo=True)
        monkeypatch.setattr(config, "_current", settings)
    for name, value in change.items():
        setattr(connection, name, value)
    db.session.commit()
    jobs.check(connection.id)

    report = reading.report_of(db.session.get(Connection, connection.id))
    assert report.skipped == why
    assert names.asked == []


def test_a_deleted_connection_is_not_looked_at(connection, names):
    connection.deleted_at = now()
    db.session.commit()
    jobs.check(connection.id)
    jobs.check(connection.id + 1000)

    assert names.asked == []


def test_a_received_mail_proves_and_brings_its_selector(
    cast, connection, published, trial, run_jobs
):
    actions.prove(connection, mails.source(), cast.alice)
    db.session.commit()
    run_jobs()

    db.session.refresh(connection)
    db.session.refresh(trial)
    assert trial.proved_at is not None
    assert trial.proof["server"] == "mx.google.com"
    assert connection.dkim_selectors == ["mail"]
    assert (f"mail._domainkey.{DOMAIN}", "TXT") in published.asked
    assert reading.proof_of(connection) is not None, "the check that follows keeps it"
    entry = db.session.query(AuditEntry).filter_by(action="connection.proved").one()
    assert entry.details["receiver"] == "mx.google.com"


def test_a_mail_of_another_connection_proves_nothing(cast, connection, trial):
    other = factories.make_connection(cast.workspace, name="Other", from_email=mails.SENDER)

    with pytest.raises(Invalid, match="not a test mail of this connection"):
        actions.prove(other, mails.source(), cast.alice)
    assert trial.proved_at is None
    assert other.dkim_selectors == []


def test_selectors_are_typed_kept_and_forgotten(cast, connection, names, run_jobs):
    actions.add_selector(connection, f" S7._domainkey.{DOMAIN}", cast.alice)
    actions.add_selector(connection, "s7", cast.alice)
    db.session.commit()
    assert connection.dkim_selectors == ["s7"]
    db.session.commit()
    run_jobs()
    assert (f"s7._domainkey.{DOMAIN}", "TXT") in names.asked

    actions.forget_selector(connection, "s7", cast.alice)
    actions.forget_selector(connection, "never", cast.alice)
    assert connection.dkim_selectors == []


def test_selectors_are_few_and_look_like_selectors(cast, connection, names):
    for at in range(actions.MAX_TYPED):
        actions.add_selector(connection, f"s{at}", cast.alice)
    for wrong in ("one more", "more"):
        with pytest.raises(Invalid) as raised:
            actions.add_selector(connection, wrong, cast.alice)
        assert raised.value.field == "selector"
