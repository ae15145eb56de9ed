"""Receivers that ask for fewer messages get fewer, from all workers, and nobody else waits for them."""

from datetime import timedelta

import pytest
import redis
import time_machine

from mailrith.connections.models import ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import actions, jobs
from mailrith.delivery.models import Run, RunPhase
from mailrith.delivery.pacing import hosting
from mailrith.delivery.pacing.backoff import FIRST_SILENCE_SECONDS, QUEUE_SECONDS, Backoff
from mailrith.delivery.runs import evidence
from tests.support import factories
from tests.support import factories_delivery as make

SLOW = "450 4.7.28 Too many messages for this hour, slow down"
GOOGLE = ["gmail.com", "googlemail.com"]


@pytest.fixture
def later():
    """Move the clock: `later(minutes=2)`."""
    with time_machine.travel(now(), tick=False) as clock:
        yield lambda **by: clock.shift(timedelta(**by))


@pytest.fixture
def connection(session, smtpd):
    workspace = factories.make_workspace()
    return factories.make_connection(workspace, port=smtpd.port, max_sessions=1)


@pytest.fixture
def send_to(connection):
    """A run to one new person at each of these domains, in this order."""

    def start(*domains):
        workspace = factories.make_workspace()
        for number, domain in enumerate(domains):
            factories.make_subscriber(workspace, email=f"reader{number}@{domain}")
        factories.save(ConnectionWorkspace(connection_id=connection.id, workspace_id=workspace.id))
        run = make.make_run(workspace, connection)
        db.session.commit()
        jobs.freeze(run.id)
        return run

    return start


def by_domain(run, state):
    return [d.email.rpartition("@")[2] for d in make.deliveries(run) if d.state == state]


def tried(smtpd, *domains):
    return sum(
        line.startswith("RCPT") and any(f"@{d}>" in line for d in domains)
        for line in smtpd.commands
    )


def test_a_group_that_wants_it_slower_waits_and_the_others_go_on(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="mail.com>")
    run = send_to(*(GOOGLE * 30), *["yahoo.com", "readers.example"] * 5)

    jobs.send_slice(run.id)

    assert sorted(by_domain(run, "sent")) == ["readers.example"] * 5 + ["yahoo.com"] * 5
    assert len(by_domain(run, "deferred")) == 60
    assert tried(smtpd, *GOOGLE) <= 4  # what was on the wire when the first answer came
    assert run.phase == RunPhase.SENDING


def test_whoever_is_put_off_was_not_tried_and_comes_back_one_after_another(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="gmail.com>")
    begin = now()
    run = send_to(*["gmail.com"] * 40)

    jobs.send_slice(run.id)

    put_off = [d for d in make.deliveries(run) if not d.attempt]
    assert len(put_off) >= 36
    assert {d.cause for d in put_off} == {"slow_down"}
    times = [d.next_attempt_at for d in put_off]
    assert min(times) >= begin + timedelta(seconds=FIRST_SILENCE_SECONDS - 1)
    assert max(times) <= now() + timedelta(seconds=2 * QUEUE_SECONDS)
    assert len(set(times)) == len(times)


def test_what_one_worker_hears_all_of_them_heed(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com")
    first, second = send_to("gmail.com"), send_to("googlemail.com", "yahoo.com")

    jobs.send_slice(first.id)
    jobs.send_slice(second.id)

    assert tried(smtpd, "googlemail.com") == 0
    assert make.states(second) == {"deferred": 1, "sent": 1}


def test_they_get_it_when_the_silence_is_over(send_to, smtpd, later):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com", times=1)
    run = send_to(*["gmail.com"] * 6)
    jobs.send_slice(run.id)
    assert len(by_domain(run, "deferred")) >= 4

    later(minutes=20)
    jobs.requeue_deferred()
    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 6}
    assert run.phase == RunPhase.FINISHED


def test_after_the_silence_only_a_few_go_at_first(send_to, smtpd, later):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com", times=1)
    run = send_to(*["gmail.com"] * 40)
    jobs.send_slice(run.id)
    before = len(smtpd.messages)

    later(seconds=FIRST_SILENCE_SECONDS + 40)  # still slowed
    jobs.requeue_deferred()
    back = make.states(run)["queued"]
    jobs.send_slice(run.id)

    assert 0 < len(smtpd.messages) - before < back
    assert make.states(run)["deferred"] == 40 - len(smtpd.messages)


def test_another_such_answer_doubles_the_silence(send_to, smtpd, later):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com")
    first, second = send_to("gmail.com"), send_to("gmail.com", "gmail.com")
    jobs.send_slice(first.id)
    later(seconds=FIRST_SILENCE_SECONDS + 1)

    jobs.send_slice(second.id)

    assert tried(smtpd, "gmail.com") >= 2
    third = send_to("gmail.com")
    jobs.send_slice(third.id)
    (waits,) = make.deliveries(third)
    assert waits.next_attempt_at >= now() + timedelta(seconds=2 * FIRST_SILENCE_SECONDS - 1)


def test_when_valkey_forgets_they_are_tried_again(send_to, smtpd, redis_url):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com", times=1)
    jobs.send_slice(send_to("gmail.com").id)
    redis.Redis.from_url(redis_url).flushdb()
    second = send_to("gmail.com")

    jobs.send_slice(second.id)

    assert make.states(second) == {"sent": 1}


def test_nobody_is_put_off_beyond_the_time_for_retries(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com")
    jobs.send_slice(send_to("gmail.com").id)
    late = send_to("gmail.com")
    db.session.get(Run, late.id).retry_until = now() + timedelta(seconds=2)
    db.session.commit()

    jobs.send_slice(late.id)

    (given_up,) = make.deliveries(late)
    assert (given_up.state, given_up.cause, given_up.attempt) == ("failed", "gave_up", 0)
    assert late.phase == RunPhase.FINISHED


def test_evidence_still_settles_the_doubt_of_somebody_who_was_put_off(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com")
    jobs.send_slice(send_to("gmail.com").id)
    run = send_to("gmail.com")
    (one,) = make.deliveries(run)
    make.change(one, cause="resend", attempt=1)

    jobs.send_slice(run.id)
    assert [(d.state, d.cause) for d in make.deliveries(run)] == [("deferred", "resend")]
    evidence.settle([one.id])
    db.session.commit()

    assert make.states(run) == {"sent": 1}


def test_a_421_at_the_recipient_is_heeded_like_a_request_for_less(send_to, smtpd):
    smtpd.answer("RCPT", "421 4.3.0 Closing", argument="@gmail.com", times=1)
    jobs.send_slice(send_to("gmail.com").id)
    second = send_to("gmail.com")

    jobs.send_slice(second.id)

    assert make.states(second) == {"deferred": 1}


def test_a_full_mailbox_slows_nobody(send_to, smtpd):
    smtpd.answer("RCPT", "452 4.2.2 Over quota", argument="reader0@", times=1)
    run = send_to(*["gmail.com"] * 8)

    jobs.send_slice(run.id)

    assert make.states(run) == {"deferred": 1, "sent": 7}


def test_a_domain_that_a_provider_hosts_is_found_and_treated_as_the_provider(
    send_to,
    smtpd,
    names,
    run_jobs,
):
    names.zone["allotments.org", "MX"] = ["1 aspmx.l.google.com", "5 alt1.aspmx.l.google.com"]
    smtpd.answer("RCPT", SLOW, argument="@allotments.org", times=1)
    run = send_to("allotments.org")
    jobs.send_slice(run.id)
    second = send_to("gmail.com", "yahoo.com")

    hosted = run_jobs()
    jobs.send_slice(second.id)

    assert hosted
    assert names.asked == [("allotments.org", "MX")]
    assert make.states(second) == {"deferred": 1, "sent": 1}


def test_a_domain_of_its_own_stays_alone(send_to, smtpd):
    smtpd.answer("RCPT", SLOW, argument="@readers.example", times=1)
    run = send_to("readers.example")
    jobs.send_slice(run.id)

    (one,) = make.deliveries(run)
    assert hosting.learn(one.id, lambda domain: ["mx." + domain]) is None
    second = send_to("readers.example", "gmail.com")
    jobs.send_slice(second.id)

    assert by_domain(second, "sent") == ["gmail.com"]


@pytest.mark.parametrize(
    ("status", "words", "heeded"),
    [
        ("4.7.28", "421-4.7.28 Our system has detected an unusual rate of mail", True),
        ("4.7.0", "451 4.7.0 [TSS04] Messages deferred due to unexpected volume", True),
        ("", "421 Try again later", True),
        ("4.2.2", "452 4.2.2 The mailbox is full", False),
        ("4.4.1", "Connection timed out", False),
    ],
)
def test_behind_a_relay_its_events_say_who_wants_fewer(
    send_to, smtpd, run_jobs, status, words, heeded
):
    first = send_to("gmail.com")
    run_jobs()
    (sent,) = make.deliveries(first)

    assert actions.told_to_wait(sent, status, words) == heeded
    actions.told_to_wait(sent, status, words)
    db.session.commit()
    assert run_jobs() == int(heeded)
    second = send_to("googlemail.com", "yahoo.com")
    jobs.send_slice(second.id)

    assert by_domain(second, "deferred") == (["googlemail.com"] if heeded else [])


def test_events_of_what_was_sent_before_say_nothing_of_the_new_rate(send_to, smtpd, later):
    first = send_to("gmail.com")
    jobs.send_slice(first.id)
    (sent,) = make.deliveries(first)
    hosting.slow_down(sent.id)
    later(seconds=FIRST_SILENCE_SECONDS + 1)

    hosting.slow_down(sent.id)
    second = send_to("gmail.com")
    jobs.send_slice(second.id)

    assert make.states(second) == {"sent": 1}


def test_while_valkey_is_away_the_others_still_go_on(send_to, smtpd, monkeypatch):
    smtpd.answer("RCPT", SLOW, argument="@gmail.com")
    jobs.send_slice(send_to("gmail.com").id)
    run = send_to(*["gmail.com"] * 10, *["yahoo.com"] * 5)

    def away(*args, **kwargs):
        raise redis.ConnectionError

    known = Backoff.groups
    monkeypatch.setattr(
        Backoff, "groups", lambda self: away() if self in seen else seen.add(self) or known(self)
    )
    seen = set()
    monkeypatch.setattr(Backoff, "queue", away)
    monkeypatch.setattr(Backoff, "take", away)
    jobs.send_slice(run.id)

    assert by_domain(run, "sent") == ["yahoo.com"] * 5
    assert by_domain(run, "deferred") == ["gmail.com"] * 10
