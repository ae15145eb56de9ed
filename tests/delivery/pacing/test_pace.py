"""What workers agree on through Valkey."""

import time

import pytest
import redis

from mailrith.core import config
from mailrith.delivery.pacing import pace as pacing
from mailrith.delivery.pacing.limits import Limits
from mailrith.delivery.pacing.pace import Pace


def test_the_rate_is_one_for_all_workers(pace):
    first, second = pace("first"), pace("second")
    began = time.monotonic()

    granted = sum(
        p.take(50, Limits(per_second=10)).count for p in (first, second) for _ in range(20)
    )

    took = time.monotonic() - began  # however long it was: two rates would grant two at once
    assert 1 <= granted <= 1 + 10 * took + 0.1


def test_what_is_not_granted_says_when_to_ask_again(pace):
    one, began = pace("one"), time.monotonic()
    asked = began
    while (answer := one.take(1, Limits(per_second=1))).count:
        began, asked = asked, time.monotonic()  # since when the last one was granted

    assert 0.9 - (time.monotonic() - began) < answer.wait_seconds <= 1


def test_sessions_are_shared_and_never_more_than_allowed(pace):
    first, second = pace("first"), pace("second")

    assert first.share(is_open=0, wanted=20, most=4).mine == 4
    assert second.share(is_open=0, wanted=20, most=4).mine == 0  # the first has them all open
    assert first.share(is_open=4, wanted=20, most=4).mine == 2
    assert second.share(is_open=0, wanted=20, most=4).mine == 0  # it still has to close two
    assert first.share(is_open=2, wanted=20, most=4).mine == 2
    assert second.share(is_open=0, wanted=20, most=4).mine == 2


def test_whoever_leaves_gives_the_sessions_back(pace):
    first, second = pace("first"), pace("second")
    first.share(is_open=0, wanted=4, most=4)

    first.leave()

    assert second.share(is_open=0, wanted=4, most=4).mine == 4


def test_a_route_without_a_pulse_is_missed_once(pace):
    pace("one").share(is_open=0, wanted=1, most=1)
    routes = [(1, 1), (1, 2), (2, 1)]

    assert pacing.missed(routes) == [(1, 2), (2, 1)]
    assert pacing.missed(routes) == []


def test_of_those_who_wait_for_one_limit_another_is_first_each_time(pace):
    first = set()
    for _ in range(60):
        for run_id in (1, 2, 3):
            Pace(1, run_id, "one").later(0)
        order = pacing.woken()
        assert sorted(order) == [(1, 1), (2, 1), (3, 1)]
        first.add(order[0])

    assert first == {(1, 1), (2, 1), (3, 1)}


def test_while_valkey_is_away_a_rate_grants_nothing(make_settings):
    config.install(make_settings(database_url="sqlite://", redis_url="redis://127.0.0.1:1"))

    one = Pace(1, 1, "one")

    assert one.take(5, Limits(per_second=100)).count == 0
    assert one.share(is_open=1, wanted=5, most=5) is None


@pytest.fixture
def pace(make_settings, redis_url):
    config.install(make_settings(database_url="sqlite://"))
    redis.Redis.from_url(redis_url).flushdb()
    return lambda me: Pace(1, 1, me)
