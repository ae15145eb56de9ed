"""Step 3: what stops it, what is asked, and the press that starts it."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunPhase
from mailrith.subscribers.audience import Audience
from tests.support.cast import sign_in
from tests.support.factories import make_subscriber, save


def test_what_is_ready_says_so(signed_in, at):
    page = signed_in.get(at("review")).text

    assert "Ready to send" in page
    assert "Send to 1 person" in page


def test_what_stops_it_is_listed_with_the_way_to_mend_it(signed_in, at, draft, cast):
    cast.workspace.address = ""
    draft.audience = Audience().to_json()
    save(draft)
    page = signed_in.get(at("review")).text

    assert "Two things to fix" in page
    assert "The postal address is missing" in page
    assert "/settings" in page
    assert "Nobody is chosen yet" in page
    assert 'type="submit" disabled' in page


def test_a_daily_limit_that_is_too_small_is_said_before(signed_in, at, connection, reader, cast):
    connection.per_day = 1
    make_subscriber(cast.workspace)
    db.session.commit()

    assert "It takes about 2 days" in signed_in.get(at("review")).text


def test_send_starts_it_and_shows_the_progress(signed_in, at, draft, press, run_jobs):
    answer = press("send")
    db.session.refresh(draft)

    assert answer.location.endswith("/progress")
    assert draft.status == BroadcastStatus.RUNNING


def test_a_refused_send_says_why_and_starts_nothing(at, draft, cast, press):
    cast.workspace.address = ""
    db.session.commit()
    answer = press("send")
    db.session.refresh(draft)

    assert answer.status_code == 409
    assert "It was not sent" in answer.text
    assert "postal address" in answer.text
    assert draft.status == BroadcastStatus.DRAFT


def test_a_letter_that_was_edited_meanwhile_is_not_sent(draft, press):
    draft.version = 2
    db.session.commit()
    answer = press("send")
    db.session.refresh(draft)

    assert answer.status_code == 409
    assert "another window" in answer.text
    assert draft.status == BroadcastStatus.DRAFT


def test_a_press_without_the_version_that_was_seen_sends_nothing(signed_in, at, draft):
    assert signed_in.post(at("send"), data={}).status_code == 409
    db.session.refresh(draft)
    assert draft.status == BroadcastStatus.DRAFT


def test_many_people_need_their_number(draft, cast, press, signed_in, at, run_jobs):
    for _ in range(120):
        make_subscriber(cast.workspace)
    assert 'Type <span class="num">121</span>' in signed_in.get(at("review")).text

    wrong = press("send", confirm_count="120", shown_count=121)
    assert wrong.status_code == 422
    assert "Type that number" in wrong.text
    right = press("send", confirm_count="1,2 1", shown_count=121)
    assert right.status_code == 303


def test_twenty_presses_at_once_are_one_sending(app, cast, at, draft, reader, run_jobs):
    db.session.rollback()
    answers = []
    gate = threading.Barrier(5)

    def press():
        browser = app.test_client()
        with app.app_context():
            sign_in(browser, cast_alice)
        gate.wait()
        for _ in range(4):
            answers.append(browser.post(address, data={"version": 1, "shown_count": 1}).status_code)

    cast_alice, address = cast.alice, at("send")
    _ = cast_alice.fs_uniquifier
    db.session.expunge(cast_alice)
    db.session.rollback()
    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert answers == [303] * 20
    assert db.session.query(Run).count() == 1


def test_undo_on_its_page_takes_it_back(signed_in, at, draft, press, run_jobs, app):
    config.install(replace(config.current(), undo_seconds=30))
    press("send")
    shown = signed_in.get(at("progress")).text
    assert "Nothing has left yet" in shown
    assert "Undo" in shown
    answer = signed_in.post(at("undo"))
    db.session.refresh(draft)

    assert answer.location.endswith("/review")
    assert draft.status == BroadcastStatus.DRAFT
    assert "Taken back" in signed_in.get(answer.location).text


def test_undo_too_late_is_a_sentence(signed_in, at, draft, press, run_jobs):
    press("send")
    run = db.session.query(Run).one()
    run.phase, run.started_at = RunPhase.SENDING, now()
    db.session.commit()
    answer = signed_in.post(at("undo"))

    assert answer.status_code == 409
    assert "the first messages have left" in answer.text


def test_a_planned_time_is_scheduled(signed_in, at, draft, press):
    draft.scheduled_at = now() + timedelta(days=3)
    db.session.commit()
    assert "Schedule for 1 person" in signed_in.get(at("review")).text
    answer = press("schedule")
    db.session.refresh(draft)

    assert answer.location.endswith("/review")
    assert draft.status == BroadcastStatus.SCHEDULED
    assert "Everything is set" in signed_in.get(at("review")).text


def test_without_a_time_scheduling_asks_for_one(press):
    assert press("schedule").location.endswith("/audience#when")


def test_a_planned_time_that_passed_is_not_scheduled(draft, press):
    draft.scheduled_at = now() - timedelta(minutes=1)
    db.session.commit()
    answer = press("schedule")
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert draft.status == BroadcastStatus.DRAFT


def test_a_schedule_goes_back_to_a_draft(signed_in, at, draft):
    draft.status, draft.scheduled_at = BroadcastStatus.SCHEDULED, now() + timedelta(days=3)
    db.session.commit()
    signed_in.post(at("unschedule"))
    db.session.refresh(draft)

    assert draft.status == BroadcastStatus.DRAFT


def test_one_that_missed_its_hour_asks(signed_in, at, draft, press, run_jobs):
    draft.status, draft.late = BroadcastStatus.SCHEDULED, True
    draft.scheduled_at = now() - timedelta(hours=2)
    draft.late_words = "Nothing was running when its time came."
    db.session.commit()
    page = signed_in.get(at("review")).text
    assert "Its time has passed" in page
    assert "Nothing was running" in page

    assert press("send").location.endswith("/progress")


@pytest.fixture
def press(signed_in, at):
    def post(act, **data):
        return signed_in.post(at(act), data={"version": 1, "shown_count": 1} | data)

    return post
