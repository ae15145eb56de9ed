"""What people do with runs and with those in doubt."""

import pytest

from mailrith.core.errors import Conflict
from mailrith.delivery import actions, jobs, movement, queries, signals
from mailrith.delivery.models import DeliveryState, RunPhase
from tests.support import factories
from tests.support import factories_delivery as make


def test_those_in_doubt_are_sent_again_only_when_a_person_says_so(session, smtpd):
    run, people = make.make_sending_run(smtpd, 3)
    smtpd.drop("dot", argument=people[1].email, times=1)
    jobs.send_slice(run.id)
    user = factories.make_user()

    assert actions.resend_in_doubt(run, None, user.id) == 1
    session.commit()
    jobs.send_slice(run.id)

    assert smtpd.recipients.count(people[1].email) == 2
    assert make.states(run) == {"sent": 3}
    assert run.phase == RunPhase.FINISHED
    assert make.deliveries(run)[1].decided_by == user.id


def test_those_who_are_left_in_doubt_are_not_asked_about_again(session, smtpd):
    run, people = make.make_sending_run(smtpd, 3)
    smtpd.drop("dot", argument=people[1].email)
    jobs.send_slice(run.id)
    [delivery] = queries.in_doubt_page(run).items

    assert actions.leave_in_doubt(run, [delivery.id], factories.make_user().id) == 1
    session.commit()

    assert queries.in_doubt_page(run).items == []
    assert make.states(run) == {"sent": 2, "in_doubt": 1}


def test_a_decision_about_another_run_s_people_changes_nothing(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    smtpd.drop("dot", argument=people[1].email)
    jobs.send_slice(run.id)
    other, _ = make.make_sending_run(smtpd, 1)
    ids = [d.id for d in make.deliveries(run)]

    assert actions.resend_in_doubt(other, ids, 1) == 0


def test_evidence_settles_a_doubt_and_nothing_else(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    smtpd.drop("dot", argument=people[0].email)
    smtpd.answer("RCPT", "550 No", argument=people[1].email)
    jobs.send_slice(run.id)

    settled = [actions.settle_in_doubt(d.id) for d in make.deliveries(run)]
    session.commit()

    assert settled == [True, False]
    assert make.states(run) == {"sent": 1, "failed": 1}


def test_failed_people_are_tried_again_by_cause_and_the_run_opens_again(session, smtpd):
    run, people = make.make_sending_run(smtpd, 3)
    smtpd.answer("RCPT", "550 5.7.1 Not today", argument=people[0].email, times=1)
    smtpd.answer("RCPT", "550 5.1.1 Nobody", argument=people[1].email)
    jobs.send_slice(run.id)
    groups = {group.cause: group for group in queries.error_groups(run)}

    actions.retry_failed(run, "policy_refused")
    session.commit()
    assert run.phase == RunPhase.SENDING
    jobs.send_slice(run.id)

    assert groups["policy_refused"].retryable
    assert not groups["mailbox_unknown"].retryable
    assert groups["mailbox_unknown"].samples == ("550 5.1.1 Nobody",)
    assert make.states(run) == {"sent": 2, "failed": 1}


def test_a_dead_address_is_not_tried_again(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)

    with pytest.raises(Conflict):
        actions.retry_failed(run, "mailbox_unknown")


def test_pause_and_resume_say_so(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)
    heard = []
    with (
        signals.run_paused.connected_to(lambda _, run_id: heard.append("paused")),
        signals.run_resumed.connected_to(lambda _, run_id: heard.append("resumed")),
    ):
        actions.pause(run)
        with pytest.raises(Conflict):
            actions.pause(run)
        actions.resume(run)
        with pytest.raises(Conflict):
            actions.resume(run)

    assert heard == ["paused", "resumed"]


def test_a_finished_run_cannot_be_canceled(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)
    jobs.send_slice(run.id)

    with pytest.raises(Conflict):
        actions.cancel(run)


def test_counts_name_every_state_and_add_up(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 4)
    smtpd.answer("RCPT", "450 4.2.0 Later", times=1)
    jobs.send_slice(run.id)

    found = queries.counts(run.id)
    progress = queries.progress(run)

    assert set(found) == set(DeliveryState)
    assert sum(found.values()) == 4 == progress.total
    assert (progress.done, progress.percent) == (3, 75)
    assert movement.rate(run) > 0


def test_what_a_connection_took_today_is_counted(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)

    jobs.send_slice(run.id)

    assert queries.by_connection_today(run.connection_id) == 1


def test_lost_work_is_found_again(session, smtpd, run_jobs):
    run, _ = make.make_sending_run(smtpd, 2)
    run_jobs_forgotten(run_jobs)

    jobs.find_lost()
    run_jobs()

    assert make.states(run) == {"sent": 2}


def run_jobs_forgotten(run_jobs):
    """Empty the queue, as a Valkey that lost its memory."""
    import redis

    from mailrith.core import config

    redis.Redis.from_url(config.current().redis_url).flushall()
