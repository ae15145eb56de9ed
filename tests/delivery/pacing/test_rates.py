"""A rate that several keep together, and share."""

import pytest
import redis

from mailrith.delivery.pacing.rates import Rate


@pytest.fixture
def rate(redis_url):
    client = redis.Redis.from_url(redis_url)
    client.flushdb()
    yield Rate(client)
    client.close()


@pytest.mark.parametrize("per_second", [0.2, 1, 15, 400])
def test_who_was_served_comes_back_after_those_who_were_not(rate, per_second):
    granted, served = rate.take("x", 1000, per_second)
    _, unserved = rate.take("x", 0, per_second)

    assert granted == max(1, per_second // 10)
    assert 0 <= unserved < served


def test_whoever_comes_back_when_it_was_told_to_loses_nothing(rate):
    """A tenth of a second's worth is kept for it, which is more than what it is late for."""
    granted, wait = rate.take("x", 1000, 100)

    assert granted == 10
    assert wait <= 10 / 100
