"""What workers share about groups of receivers that want it slower."""

from datetime import timedelta

import pytest
import redis
import time_machine

from mailrith.core.clock import now
from mailrith.delivery.pacing.backoff import (
    FIRST_SILENCE_SECONDS,
    LONGEST_SILENCE_SECONDS,
    LOWEST_RATE,
    QUEUE_SECONDS,
    RECOVERY_SECONDS,
    Backoff,
    Slowed,
)


@pytest.fixture
def later():
    with time_machine.travel(now(), tick=False) as clock:
        yield lambda seconds: clock.shift(timedelta(seconds=seconds))


@pytest.fixture
def workers(redis_url):
    """Two workers that use the same connection, and one with another connection."""
    client = redis.Redis.from_url(redis_url)
    client.flushdb()
    yield Backoff(client, 1), Backoff(client, 1), Backoff(client, 2)
    client.close()


def test_a_group_is_silent_first_and_then_gets_half(workers, later):
    one, two, elsewhere = workers

    assert one.slower("google", 100.0)
    (slowed,) = two.groups().values()

    assert slowed.per_second == 50.0
    assert slowed.silent_seconds == pytest.approx(FIRST_SILENCE_SECONDS, abs=0.01)
    assert elsewhere.groups() == {}
    later(FIRST_SILENCE_SECONDS + 1)
    assert two.groups()["google"].silent_seconds == 0


def test_what_comes_in_during_the_silence_is_no_news(workers, later):
    one, two, _ = workers
    one.slower("google", 100.0)
    later(FIRST_SILENCE_SECONDS - 1)

    assert not two.slower("google", 3.0)
    assert two.groups()["google"].per_second == 50.0


def test_each_time_it_is_half_of_the_rate_and_twice_the_silence(workers, later):
    one, _, _ = workers
    silences, rates = [], []
    for _ in range(12):
        one.slower("google", 100.0)
        slowed = one.groups()["google"]
        silences.append(slowed.silent_seconds)
        rates.append(slowed.per_second)
        later(slowed.silent_seconds + 1)

    assert silences[:4] == pytest.approx([10, 20, 40, 80], abs=0.01)
    assert rates[:4] == [50.0, 25.0, 12.5, 6.25]
    assert silences[-1] == pytest.approx(LONGEST_SILENCE_SECONDS, abs=0.01)
    assert rates[-1] == LOWEST_RATE


def test_it_recovers_step_by_step_and_is_forgotten(workers, later):
    one, two, _ = workers
    for _ in range(3):
        one.slower("google", 80.0)
        later(one.groups()["google"].silent_seconds + 1)
    seen = [one.groups()["google"].per_second]
    for _ in range(2):
        later(RECOVERY_SECONDS)
        seen.append(two.groups()["google"].per_second)
    later(RECOVERY_SECONDS)

    assert seen == [10.0, 20.0, 40.0]
    assert one.groups() == {}


def test_a_slowed_group_has_fewer_sessions_and_never_none():
    assert [Slowed(step, 1.0, 0.0).sessions(8) for step in range(1, 6)] == [4, 2, 1, 1, 1]


def test_the_rate_of_a_group_is_one_for_all_workers(workers):
    one, two, _ = workers

    assert one.take("google", 5, 0.2)[0] == 1
    granted, wait = two.take("google", 5, 0.2)

    assert granted == 0
    assert 0 < wait <= 5
    assert two.take("yahoo", 1, 0.2)[0] == 1


def test_those_put_off_stand_in_one_line(workers, later):
    one, two, _ = workers
    slowed = Slowed(1, 2.0, 10.0)

    assert one.queue("google", 20, slowed.per_second, slowed.silent_seconds) == pytest.approx(
        10, abs=0.01
    )
    assert two.queue("google", 20, slowed.per_second, slowed.silent_seconds) == pytest.approx(
        20, abs=0.01
    )
    later(5)
    assert one.queue("google", 10_000, slowed.per_second, slowed.silent_seconds) == pytest.approx(
        25, abs=0.01
    )
    assert one.queue("google", 1, slowed.per_second, slowed.silent_seconds) == pytest.approx(
        QUEUE_SECONDS, abs=0.01
    )


def test_who_hosts_a_domain_is_asked_once_and_known_to_all(workers):
    one, two, elsewhere = workers

    assert one.first_to_ask("firm.example")
    assert not two.first_to_ask("firm.example")
    one.remember_host("firm.example", "google")

    assert elsewhere.hosted() == {"firm.example": "google"}
