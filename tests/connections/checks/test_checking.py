"""Verify as a job: asked for by a page, done by a worker, watched step by step."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from mailrith.accounts.models import User
from mailrith.connections import history, jobs
from mailrith.connections.checks import checking, reports
from mailrith.connections.checks.checking import Standing
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import TooMany
from tests.support import factories


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


def asked(connection, user):
    check = checking.ask(connection, user)
    db.session.commit()
    return check


def test_a_worker_verifies_and_the_page_only_reads(cast, connection, smtpd, run_jobs):
    check = asked(connection, cast.alice)
    assert (checking.standing(check), smtpd.connections) == (Standing.WAITING, 0)
    db.session.rollback()

    run_jobs()

    check = checking.latest(connection)
    assert checking.standing(check) == Standing.DONE
    assert checking.report_of_check(check).ok
    assert connection.verified_at is not None
    assert check.finished_at is not None
    assert {step.result for step in reports.steps_of_check(check, connection)} == {"pass"}


def test_asking_again_gives_the_one_under_way(cast, connection):
    first = asked(connection, cast.alice)

    assert asked(connection, cast.bob).id == first.id
    assert db.session.query(ConnectionCheck).count() == 1
    assert [(one.who, one.what) for one in history.changes(connection)] == [
        (cast.alice.name, "Had it verified")
    ]


def test_a_check_that_nobody_took_within_a_minute_makes_room_for_another(cast, connection, smtpd):
    first = asked(connection, cast.alice)

    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert checking.standing(first) == Standing.LATE
        second = asked(connection, cast.alice)
        jobs.check(first.id)  # its worker comes after all

        assert second.id != first.id
        assert checking.standing(first) == Standing.LOST
        assert smtpd.connections == 0


def test_steps_are_there_to_be_read_before_the_last_one(cast, connection, run_jobs, monkeypatch):
    seen = []
    write = checking.write_steps

    def watch(begun, steps):
        write(begun, steps)
        db.session.commit()
        watched = db.session.get(ConnectionCheck, begun.check_id)
        of = db.session.get(Connection, watched.connection_id)
        seen.append([step.result for step in reports.steps_of_check(watched, of)])
        db.session.rollback()

    monkeypatch.setattr(checking, "write_steps", watch)
    asked(connection, cast.alice)
    run_jobs()

    assert seen[0][:3] == ["pass", "run", "wait"]
    assert len(seen) > 3


def test_a_check_done_twice_asks_the_server_once(cast, connection, smtpd):
    check = asked(connection, cast.alice)
    jobs.check(check.id)
    jobs.check(check.id)

    assert smtpd.connections == 1


def test_a_check_whose_worker_died_says_so_and_is_closed(cast, connection):
    check = asked(connection, cast.alice)
    assert checking.begin(check.id) is not None
    db.session.commit()
    assert checking.standing(check) == Standing.RUNNING

    with time_machine.travel(now() + checking.LIFE + timedelta(seconds=1), tick=False):
        assert checking.standing(check) == Standing.LOST
        checking.give_up_lost()
        db.session.commit()

    assert (check.state, check.report["lost"]) == (CheckState.DONE, True)
    assert connection.last_report == {}


def test_a_check_that_waited_long_has_its_whole_life_before_it(cast, connection):
    check = asked(connection, cast.alice)
    with time_machine.travel(now() + checking.LIFE - timedelta(seconds=1), tick=False) as clock:
        checking.begin(check.id)
        db.session.commit()
        clock.shift(30)
        checking.give_up_lost()
        db.session.commit()

        assert checking.standing(check) == Standing.RUNNING


def test_what_was_found_of_another_server_is_not_kept(cast, connection):
    check = asked(connection, cast.alice)
    begun = checking.begin(check.id)
    db.session.commit()
    connection.credential_fingerprint = "changed meanwhile"
    db.session.commit()

    checking.finish(begun, checking.talk(begun, written=db.session.commit))
    db.session.commit()

    assert checking.standing(check) == Standing.DONE
    assert connection.verified_at is None


def test_a_lost_key_is_a_failed_step_and_not_a_crash(cast, connection, smtpd, make_settings):
    settings = config.current()
    check = asked(connection, cast.alice)
    other = make_settings(database_url=settings.database_url, keys=(config.Key("k9", bytes(32)),))
    config.install(other)
    try:
        jobs.check(check.id)
    finally:
        config.install(settings)

    failed = checking.report_of_check(checking.latest(connection)).failed
    assert failed.cause == "credentials_lost"
    assert connection.name in failed.words
    assert smtpd.connections == 0


def test_checks_are_limited_for_each_person(cast, connection, smtpd, monkeypatch):
    monkeypatch.setattr(checking, "CHECKS_AN_HOUR", 2)
    for _ in range(2):
        jobs.check(asked(connection, cast.alice).id)

    with pytest.raises(TooMany):
        checking.ask(connection, cast.alice)
    db.session.rollback()
    asked(connection, cast.bob)

    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        asked(connection, cast.alice)


def test_a_bad_check_of_a_person_is_kept_and_pauses_nothing(cast, connection, smtpd):
    smtpd.answer("MAIL", "553 5.7.1 Not yours")
    jobs.check(asked(connection, cast.alice).id)
    found = db.session.scalars(select(Connection)).one()

    assert found.last_error == "553 5.7.1 Not yours"
    assert found.last_error_at is not None
    assert (found.paused_at, found.verified_at) == (None, None)


def test_two_who_press_at_the_same_time_get_one_check(app, cast, connection):
    connection_id, people = connection.id, [cast.alice.id, cast.bob.id]
    db.session.rollback()
    together = threading.Barrier(2)

    def press(user_id):
        with app.app_context():
            found = db.session.get(Connection, connection_id)
            user = db.session.get(User, user_id)
            db.session.rollback()
            together.wait(10)
            checking.ask(found, user)
            db.session.commit()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(press, people))

    assert db.session.query(ConnectionCheck).count() == 1
