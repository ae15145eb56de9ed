"""Paused connections come back by themselves, the others are looked at every day, and people are told once."""

from dataclasses import replace
from datetime import timedelta

import pytest
import redis
import time_machine
from sqlalchemy import select

from mailrith.accounts.models import AuditEntry, SystemMail
from mailrith.connections import actions, jobs, signals
from mailrith.connections.checks import checking, probing, tending
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core import config, queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.verify import Report, Step
from tests.support import factories


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


@pytest.fixture(autouse=True)
def _system_mail(app):
    config.install(replace(config.current(), system_smtp_url="smtp://127.0.0.1:9"))


@pytest.fixture
def later():
    """Move the clock: `later(minutes=2)`."""
    with time_machine.travel(now(), tick=False) as clock:
        yield lambda **by: clock.shift(timedelta(**by))


@pytest.fixture
def heard():
    ids = []

    def hear(sender, *, connection_id):
        ids.append(connection_id)

    signals.connection_recovered.connect(hear)
    yield ids
    signals.connection_recovered.disconnect(hear)


def pause(connection, cause="connection_lost", words=""):
    actions.pause_connection(connection.id, cause, words)
    db.session.commit()


def work():
    """What the scheduler and one worker do."""
    jobs.probe_paused()
    jobs.verify_daily()
    for check_id in db.session.scalars(
        select(ConnectionCheck.id).where(ConnectionCheck.state == CheckState.WAITING)
    ).all():
        jobs.check(check_id)
    db.session.expire_all()


def checks():
    return db.session.query(ConnectionCheck).count()


def letters():
    """(recipient, subject) of every system mail."""
    rows = db.session.execute(select(SystemMail.recipient, SystemMail.subject)).all()
    return sorted((recipient, subject) for recipient, subject in rows)


def noted(action):
    return db.session.query(AuditEntry).filter_by(action=action).all()


def test_a_good_probe_ends_the_pause_by_itself(connection, later, heard):
    pause(connection)
    work()
    assert connection.paused_at is not None  # its time has not come

    later(minutes=2)
    work()

    assert (connection.paused_at, connection.probe_at) == (None, None)
    assert connection.verified_at is not None
    assert heard == [connection.id]
    assert [entry.user_id for entry in noted("connection.resumed")] == [None]


def test_a_bad_probe_puts_the_next_one_off(connection, smtpd, later):
    smtpd.answer("greeting", "421 4.3.2 Down for maintenance")
    pause(connection)

    later(minutes=2)
    work()

    assert connection.paused_at is not None
    assert connection.probe_failures == 1
    assert timedelta(minutes=1.5) < connection.probe_at - now() < timedelta(minutes=2.5)
    assert "maintenance" in connection.last_error


def test_a_sign_in_that_is_refused_in_a_probe_is_not_tried_once_more(connection, smtpd, later):
    smtpd.answer("MAIL", "535 5.7.8 Wrong password")
    pause(connection, "connection_lost")

    for _ in range(5):
        later(hours=2)
        work()

    assert checks() == 1
    assert (connection.pause_cause, connection.probe_at) == ("auth_refused", None)


def test_a_refused_sender_is_tried_three_times_and_then_left_to_people(connection, smtpd, later):
    smtpd.answer("MAIL", "553 5.7.1 Not your address")
    pause(connection, "sender_refused")

    for _ in range(6):
        later(hours=2)
        work()

    assert checks() == 3
    assert connection.probe_at is None


def test_a_disabled_connection_is_left_alone(cast, connection, smtpd, later):
    pause(connection)
    actions.disable(connection, cast.alice)
    db.session.commit()

    later(days=2)
    work()

    assert smtpd.connections == 0


def test_those_who_manage_it_are_told_once_a_day_for_each_cause(cast, connection, later):
    for _ in range(3):
        pause(connection, "quota", "451 4.7.1 hannah@allotmentpost.example has had enough")
        actions.resume_connection(connection, None)
        db.session.commit()

    assert letters() == [
        (cast.alice.email, "Paused: Northpost SMTP"),
        (cast.alice.email, "Works again: Northpost SMTP"),
    ]
    later(hours=25)
    pause(connection, "quota")
    pause(connection, "quota")

    assert len(letters()) == 3
    [body] = set(
        db.session.scalars(
            select(SystemMail.body_text).where(SystemMail.subject.startswith("Paused"))
        )
    )
    assert "Sending limit reached." in body
    assert f"/w/{cast.workspace.slug}/connections/{connection.public_id}" in body
    assert "has had enough" not in body  # servers repeat usernames in their answers


def test_whoever_resumes_it_by_hand_is_not_told_of_it(cast, connection):
    pause(connection)
    actions.resume_connection(connection, cast.alice)
    db.session.commit()

    assert [subject for _, subject in letters()] == ["Paused: Northpost SMTP"]


def test_a_connection_in_use_is_looked_at_once_a_day(connection, smtpd, later):
    work()
    assert checks() == 1

    for _ in range(6):
        later(hours=3)
        work()
    assert checks() == 1

    later(hours=8)
    work()
    assert checks() == 2


def test_nobody_looks_at_a_connection_that_no_workspace_uses(cast, connection, smtpd):
    actions.disable(connection, cast.alice)
    from mailrith.connections.models import ConnectionWorkspace

    db.session.query(ConnectionWorkspace).delete()
    connection.enabled = True
    db.session.commit()

    work()

    assert smtpd.connections == 0


def test_a_dead_password_is_known_before_the_next_broadcast(connection, smtpd, later):
    work()
    smtpd.answer("MAIL", "535 5.7.8 Wrong password")

    for _ in range(4):
        later(hours=25)
        work()

    assert (connection.pause_cause, connection.verified_at) == ("auth_refused", None)
    assert checks() == 2  # it is not tried again by itself
    assert [subject for _, subject in letters()] == ["Paused: Northpost SMTP"]


def test_a_trouble_that_passes_stops_nothing_and_is_looked_at_again_within_hours(
    connection, smtpd, later
):
    work()
    good = connection.verified_at
    smtpd.answer("greeting", "421 4.7.0 Too many connections", times=1)

    later(hours=25)
    work()
    assert (connection.paused_at, connection.verified_at) == (None, good)
    assert "Too many" in connection.last_error

    later(hours=1, minutes=1)
    work()
    assert connection.verified_at > good
    assert connection.last_error == ""


def test_what_a_person_saw_refused_is_not_tried_again_by_itself(cast, connection, smtpd, later):
    smtpd.answer("MAIL", "535 5.7.8 Wrong password")
    jobs.check(checking.ask(connection, cast.alice).id)

    later(days=2)
    work()

    assert checks() == 1


@pytest.mark.parametrize(("workers", "asked"), [(0, 1), (3, 1), (6, 3), (20, 4)])
def test_a_host_is_never_asked_twice_at_a_time_and_half_of_the_workers_stay_free(
    cast, smtpd, monkeypatch, workers, asked
):
    monkeypatch.setattr(queue, "worker_names", lambda: ["one"] * workers)
    for name in "ab":
        factories.make_connection(cast.workspace, port=smtpd.port, name=f"N{name}")
    for number in range(2, 5):
        factories.make_connection(cast.workspace, host=f"127.0.0.{number}", name=f"N{number}")

    jobs.verify_daily()
    jobs.verify_daily()

    hosts = [
        db.session.get(Connection, check.connection_id).host
        for check in db.session.query(ConnectionCheck)
    ]
    assert len(hosts) == len(set(hosts)) == asked


@pytest.mark.parametrize(("days", "mails"), [(20, 0), (13, 1), (2, 1)])
def test_a_certificate_that_runs_out_is_told_of_in_time(cast, connection, days, mails):
    until = now() + timedelta(days=days)
    report = Report((Step("certificate", True, 5, until=until.isoformat()),))

    for _ in range(3):
        probing.record_report(connection, report, None)
        db.session.commit()

    assert [subject for _, subject in letters()] == ["Certificate runs out: Northpost SMTP"] * mails


def test_the_last_days_of_a_certificate_are_told_of_again(cast, connection, later):
    until = now() + timedelta(days=13)
    report = Report((Step("certificate", True, 5, until=until.isoformat()),))

    for _ in range(13):
        probing.record_report(connection, report, None)
        db.session.commit()
        later(days=1)

    assert len(letters()) == 2


def test_a_check_that_the_queue_has_forgotten_is_handed_out_again(
    cast, connection, smtpd, later, run_jobs, redis_url
):
    checking.ask(connection, cast.alice)
    db.session.commit()
    redis.Redis.from_url(redis_url).flushdb()

    later(seconds=20)
    jobs.find_lost_checks()
    run_jobs()

    assert smtpd.connections == 1


def test_old_checks_go_and_the_newest_twenty_stay(cast, connection, later):
    for _ in range(25):
        factories.save(
            ConnectionCheck(connection_id=connection.id, state=CheckState.DONE, report={})
        )
    newest = checking.latest(connection).id

    jobs.prune_checks()
    assert checks() == 25  # those of the last hour are counted for the limit

    later(days=2)
    jobs.prune_checks()
    assert checks() == tending.KEPT
    assert checking.latest(connection).id == newest
