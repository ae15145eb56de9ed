"""What time alone brings about."""

from datetime import timedelta

import pytest

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.ledger import journal
from mailrith.delivery.ledger import turns as ledger
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.models import DeliveryState, RunPhase
from mailrith.delivery.runs import sweeping
from tests.support import factories_delivery as make


def test_what_a_dead_worker_had_heard_is_recorded_by_the_next_one(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 2)
    first, second = make.make_marked(run)
    heard = journal.Journal()
    heard.keep([Result(first.id, 1, DeliveryState.SENT), Result(second.id, 7, DeliveryState.SENT)])
    heard._file.close()

    sweeping.replay_journals()

    assert [d.state for d in make.deliveries(run)] == ["sent", "sending"]
    assert journal.left_behind() == []


def test_a_run_whose_last_mark_expires_is_finished(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)
    [delivery] = make.make_marked(run)
    make.change(delivery, lease_until=1.0)

    jobs.expire_marks()

    session.refresh(run)
    assert run.phase == RunPhase.FINISHED
    assert make.states(run) == {"in_doubt": 1}


def late_word(run, delivery):
    """A worker that was taken for dead says that it never sent."""
    make.change(delivery, lease_until=1.0)
    jobs.expire_marks()
    assert make.states(run)["in_doubt"] == 1
    ledger.record_alone(db.engine, [Result(delivery.id, 1, DeliveryState.QUEUED)])


def test_a_finished_run_goes_on_when_a_worker_taken_for_dead_never_sent(session, smtpd, run_jobs):
    run, _ = make.make_sending_run(smtpd, 1)
    [delivery] = make.make_marked(run)
    late_word(run, delivery)

    jobs.find_lost()
    run_jobs()

    session.refresh(run)
    assert run.phase == RunPhase.FINISHED
    assert make.states(run) == {"sent": 1}
    assert len(smtpd.messages) == 1


def test_in_a_canceled_run_a_late_word_cancels_too(session, smtpd, run_jobs):
    run, _ = make.make_sending_run(smtpd, 2)
    first, second = make.make_marked(run)
    make.change(second, state="canceled", lease_until=None)
    late_word(run, first)

    jobs.find_lost()
    run_jobs()

    session.refresh(run)
    assert run.phase == RunPhase.FINISHED
    assert make.states(run) == {"canceled": 2}
    assert smtpd.messages == []


def test_what_a_journal_gives_back_is_sent_however_late(session, smtpd, run_jobs):
    run, _ = make.make_sending_run(smtpd, 1)
    [delivery] = make.make_marked(run)
    make.change(delivery, lease_until=1.0)
    jobs.expire_marks()
    run.finished_at = now() - timedelta(days=30)
    session.commit()
    left = journal.Journal()
    left.keep([Result(delivery.id, 1, DeliveryState.QUEUED)])
    left._file.close()

    sweeping.replay_journals()
    run_jobs()

    assert make.states(run) == {"sent": 1}


def test_deferred_mail_of_a_paused_run_stays_deferred(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)
    make.change(
        make.deliveries(run)[0], state="deferred", next_attempt_at=now() - timedelta(seconds=1)
    )
    run.phase = RunPhase.PAUSED
    session.commit()

    jobs.requeue_deferred()

    assert make.states(run) == {"deferred": 1}


def test_a_cancel_whose_job_was_lost_is_carried_out(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 2)
    run.phase = RunPhase.CANCELING
    session.commit()

    jobs.find_lost()

    session.refresh(run)
    assert run.phase == RunPhase.FINISHED
    assert make.states(run) == {"canceled": 2}


def test_canceling_waits_for_what_is_on_the_wire(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 2)
    make.change(make.deliveries(run)[0], state="sending", attempt=1, lease_until=4e9)
    run.phase = RunPhase.CANCELING
    session.commit()

    jobs.cancel(run.id)

    session.refresh(run)
    assert run.phase == RunPhase.CANCELING
    assert make.states(run) == {"sending": 1, "canceled": 1}


@pytest.mark.parametrize("phase", [RunPhase.PAUSED, RunPhase.FINISHED])
def test_runs_that_rest_are_not_sent(session, smtpd, phase):
    run, _ = make.make_sending_run(smtpd, 1)
    run.phase = phase
    session.commit()

    jobs.send_slice(run.id)
    jobs.find_lost()

    assert make.states(run) == {"queued": 1}
    assert smtpd.connections == 0
