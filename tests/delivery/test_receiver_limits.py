"""What a person lets go to a group of receivers holds for all workers, and nobody else waits for it."""

import random
from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailrith.connections.limits.receiver_limits import ReceiverLimit
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.delivery import jobs
from mailrith.delivery.ledger import gate
from mailrith.delivery.ledger.entries import Claimed
from mailrith.delivery.ledger.gate import Gate
from mailrith.delivery.ledger.results import RECEIVER_LIMIT
from mailrith.delivery.models import DeliveryState, RunPhase
from mailrith.delivery.pacing.backoff import Backoff
from mailrith.delivery.pacing.pace import Pace
from tests.support import factories
from tests.support import factories_delivery as make

GOOGLE = {"gmail.com": ReceiverLimit(sessions=3)}


@pytest.fixture
def gate_of(make_settings, redis_url):
    """Slices of one connection on workers of their own."""
    config.install(make_settings(database_url="sqlite://"))
    redis.Redis.from_url(redis_url).flushdb()
    made = []

    def one(me, limits=GOOGLE):
        made.append(Pace(1, 1, me, receivers=limits))
        opened = Gate(made[-1].backoff, now() + timedelta(hours=1))
        opened.note_sessions(20, 40)
        return opened

    yield one
    for each in made:
        each.leave()


def people(*domains):
    return deque(
        Claimed(number, f"reader@{domain}", number, b"", 0) for number, domain in enumerate(domains)
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(seed=st.integers(0, 10**6))
def test_two_workers_together_keep_to_the_sessions(gate_of, redis_url, seed):
    redis.Redis.from_url(redis_url).flushdb()
    chance = random.Random(seed)
    names = ["gmail.com", "googlemail.com", "readers.example"]
    gates = [gate_of("one"), gate_of("two")]
    waiting = [people(*(chance.choice(names) for _ in range(12))) for _ in gates]
    flying, most, left = [[], []], 0, 0
    for _ in range(80):
        at = chance.randrange(2)
        chance.shuffle(flying[at])
        del flying[at][: chance.randrange(len(flying[at]) + 1)]  # answers came
        gates[at].prepare(flying[at])
        flying[at] += gates[at].choose(waiting[at], room=chance.randrange(1, 9))
        left = sum(map(len, waiting)) + sum(one.waiting for one in gates)
        most = max(most, sum(one.email[7] == "g" for two in flying for one in two))

    assert most == 3
    assert left == 0


def test_whoever_waits_is_due_the_moment_the_limit_lets_go(gate_of, monkeypatch):
    one = gate_of("one", {"gmail.com": ReceiverLimit(per_second=1)})
    waiting, moment = people(*["gmail.com"] * 2), gate.ticking()
    monkeypatch.setattr(gate, "ticking", lambda: moment)

    one.prepare(())
    one.choose(waiting, room=2)
    one.prepare(())
    assert [person.id for person in one.choose(waiting, room=2)] == [0]
    one.prepare(())
    assert 0 < one.wait_seconds <= 1
    assert not one.due
    moment += one.wait_seconds

    assert one.due
    assert one.wait_seconds == 0


def test_nobody_is_due_when_nobody_waits(gate_of):
    one = gate_of("one", {"gmail.com": ReceiverLimit(per_second=1000)})
    waiting = people(*["gmail.com"] * 3)

    while waiting or one.waiting:
        one.prepare(())
        one.choose(waiting, room=3)
    one.prepare(())

    assert one.wait_seconds is None
    assert not one.due


def test_while_valkey_is_away_those_at_hand_are_asked_for_again_soon(gate_of):
    config.install(replace(config.current(), redis_url="redis://127.0.0.1:1"))
    one = gate_of("one", {"gmail.com": ReceiverLimit(per_second=1)})
    waiting = people("gmail.com", "gmail.com")

    one.prepare(())
    one.choose(waiting, room=2)
    one.prepare(())

    assert one.waiting == 2
    assert 0 < one.wait_seconds <= gate.LOOK_SECONDS


def test_others_do_not_wait_for_them(gate_of):
    one, waiting = gate_of("one"), people(*["gmail.com"] * 300, "readers.example", "yahoo.com")

    one.prepare(())
    gone = one.choose(waiting, room=400)

    assert [them.email for them in gone] == ["reader@readers.example", "reader@yahoo.com"]
    assert not waiting


def test_a_limit_of_a_rate_holds_beside_what_receivers_ask_for(make_settings, redis_url):
    limits = {"gmail.com": ReceiverLimit(5, 2), "yahoo.com": ReceiverLimit(per_second=9)}
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        backoff = Backoff(client, 1, limits)
        backoff.slower("google", 100.0)
        backoff.slower("apple", 100.0)
        groups = backoff.groups()

    rates = {name: (one.per_second, one.most_sessions) for name, one in groups.items()}
    assert rates == {"google": (5, 2), "yahoo": (9, None), "apple": (50, None)}


def test_nobody_is_given_up_for_what_a_person_set(session, smtpd, monkeypatch):
    monkeypatch.setattr(gate, "HAND_SECONDS", 0.02)  # one person at hand
    workspace = factories.make_workspace()
    for number in range(6):
        factories.make_subscriber(workspace, email=f"reader{number}@gmail.com")
    limits = {"gmail.com": {"per_second": 50, "sessions": None}}
    connection = factories.make_connection(workspace, port=smtpd.port, receiver_limits=limits)
    run = make.make_run(workspace, connection)
    session.commit()
    jobs.freeze(run.id)
    run.retry_until = now() - timedelta(hours=1)  # what servers put off is given up by now
    session.commit()

    jobs.send_slice(run.id)

    put_off = [d for d in make.deliveries(run) if d.state == DeliveryState.DEFERRED]
    assert {d.cause for d in put_off} == {RECEIVER_LIMIT}
    assert make.states(run) == {"sent": 1, "deferred": 5}
    assert run.phase == RunPhase.SENDING
