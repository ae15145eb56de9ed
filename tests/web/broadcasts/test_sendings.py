"""The live page: what it shows in each state, and the brakes."""

import re
from datetime import UTC, datetime

import pytest

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState, Pause, RunPhase, RunRoute
from tests.support.factories import make_connection, make_subscriber, save
from tests.support.factories_broadcasts import make_delivery, make_run
from tests.web.broadcasts.conftest import HTMX


def test_counts_of_all_states_are_shown(signed_in, at, run, people):
    people(sent=2, queued=1, deferred=1, failed=1, in_doubt=1, skipped=1)
    page = signed_in.get(at("progress")).text

    words = "2 sent, 1 queued, 1 deferred, 1 failed, 1 skipped, 1 in doubt"
    assert words in page
    assert "Pause" in page


def test_a_connection_that_was_left_is_named_with_the_one_that_goes_on(
    signed_in, at, run, people, cast, connection
):
    other = make_connection(cast.workspace, name="Brevo")
    save(RunRoute(run_id=run.id, connection_id=other.id))
    route = db.session.get(RunRoute, (run.id, connection.id))
    route.left_at, route.left_cause = datetime(2026, 11, 21, 10, 42, tzinfo=UTC), "timeout"
    people(sent=1, queued=1)
    page = re.sub("<.*?>", "", signed_in.get(at("progress")).text)

    assert "Northpost SMTP is down since 10:42: the rest goes through Brevo" in page
    assert "through Northpost SMTP and Brevo" in page


def test_a_connection_that_keeps_its_people_waiting_is_named(
    signed_in, at, run, people, cast, connection
):
    other = make_connection(cast.workspace, name="Brevo", enabled=False)
    save(RunRoute(run_id=run.id, connection_id=other.id))
    people(sent=1, queued=1)

    assert "Brevo cannot send now" in signed_in.get(at("progress")).text


def test_resume_is_offered_once_the_connection_can_send(
    signed_in, at, run, people, cast, connection
):
    people(sent=1, queued=1)
    run.phase, run.pause_cause = RunPhase.PAUSED, "connection_refused"
    connection.paused_at, connection.pause_cause = now(), "connection_refused"
    db.session.commit()
    before = signed_in.get(at("progress")).text
    refused = signed_in.post(at("resume"))
    connection.paused_at = None
    db.session.commit()

    assert "Resume</button>" not in before
    assert "goes on by itself" in before
    assert refused.status_code == 409
    assert "Resume</button>" in signed_in.get(at("progress")).text


def test_only_the_moving_part_is_asked_for(signed_in, at, run, people):
    people(sent=1, queued=1)
    answer = signed_in.get(at("progress"), headers=HTMX)

    assert answer.status_code == 200
    assert "<html" not in answer.text


def test_the_last_answer_ends_the_asking(signed_in, at, run, people, draft):
    people(sent=1)
    run.phase, run.finished_at = RunPhase.FINISHED, now()
    draft.status = BroadcastStatus.COMPLETED
    db.session.commit()
    answer = signed_in.get(at("progress"), headers=HTMX)

    assert answer.status_code == 286
    assert "Open the report" in answer.text
    assert "every 2s" not in signed_in.get(at("progress")).text


def test_errors_are_grouped_by_cause_in_plain_words(signed_in, at, run, people):
    people(failed=2)
    page = signed_in.get(at("progress")).text

    assert "Refused by policy: 2 people" in page
    assert "Try these 2 again" in page
    assert "550 5.7.1" in page


def test_an_address_that_does_not_exist_is_not_tried_again(signed_in, at, run, cast):
    make_delivery(
        run, make_subscriber(cast.workspace), DeliveryState.FAILED, cause="mailbox_unknown"
    )
    page = signed_in.get(at("progress")).text

    assert "No such mailbox: 1 person" in page
    assert "again</button>" not in page
    assert signed_in.post(at("retry"), data={"cause": "mailbox_unknown"}).status_code == 409


def test_try_again_makes_a_finished_one_run(signed_in, at, run, people, draft, run_jobs):
    people(failed=2)
    run.phase, draft.status = RunPhase.FINISHED, BroadcastStatus.COMPLETED
    db.session.commit()
    answer = signed_in.post(at("retry"), data={"cause": "policy_refused"})
    db.session.refresh(draft)

    assert answer.location.endswith("/progress")
    assert draft.status == BroadcastStatus.RUNNING


def test_pause_and_resume(signed_in, at, run, people, run_jobs):
    people(queued=1)
    signed_in.post(at("pause"))
    db.session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, Pause.PERSON)
    assert "Somebody pressed Pause" in signed_in.get(at("progress")).text

    signed_in.post(at("resume"))
    db.session.refresh(run)
    assert run.phase == RunPhase.SENDING


def test_pausing_what_is_over_is_a_sentence(signed_in, at, run):
    run.phase = RunPhase.FINISHED
    db.session.commit()
    answer = signed_in.post(at("pause"))

    assert answer.status_code == 409
    assert "nothing to pause" in answer.text


def test_a_pause_by_mailrith_says_the_cause_the_fix_and_the_servers_words(
    signed_in, at, run, people
):
    people(queued=1)
    run.phase, run.pause_cause = RunPhase.PAUSED, "auth_refused"
    run.pause_words = "535 5.7.8 bad credentials"
    db.session.commit()
    page = signed_in.get(at("progress")).text

    assert "Paused: Sign-in refused" in page
    assert "app password" in page
    assert "535 5.7.8 bad credentials" in page


def test_a_number_that_grew_is_confirmed_or_taken_back(signed_in, at, run, people, run_jobs):
    people(queued=3)
    run.phase, run.pause_cause = RunPhase.PAUSED, Pause.COUNT_GREW
    run.confirmed_count, run.frozen_count, run.frozen_at = 1, 3, now()
    run.started_at = None
    db.session.commit()
    page = signed_in.get(at("progress")).text
    assert "You agreed to 1" in page
    assert "Send to 3 people" in page
    assert "Take it back to a draft" in page
    assert signed_in.post(at("resume")).status_code == 409

    assert signed_in.post(at("confirm-count")).status_code == 303
    db.session.refresh(run)
    assert (run.confirmed_count, run.phase) == (3, RunPhase.PREPARING)


def test_cancel_asks_and_says_that_mail_cannot_be_called_back(signed_in, at, run, people):
    people(queued=3)
    page = signed_in.get(at("cancel")).text

    assert "cannot be called back" in page
    assert "3 people" in page


def test_cancel_stops_the_rest(signed_in, at, run, people, draft, run_jobs):
    people(sent=1, queued=2)
    signed_in.post(at("cancel"))
    assert "Stopping" in signed_in.get(at("progress")).text
    run_jobs()
    db.session.expire_all()

    assert run.phase == RunPhase.FINISHED
    assert draft.status == BroadcastStatus.CANCELED
    assert "2 canceled" in signed_in.get(at("progress")).text


@pytest.fixture
def run(draft, connection):
    draft.status = BroadcastStatus.RUNNING
    return make_run(draft, connection, started_at=now())


@pytest.fixture
def people(run, cast):
    def make(**states):
        for state, count in states.items():
            words = (
                {"cause": "policy_refused", "diagnostic": "550 5.7.1 no"}
                if state == "failed"
                else {}
            )
            for _ in range(count):
                make_delivery(run, make_subscriber(cast.workspace), DeliveryState(state), **words)

    return make
