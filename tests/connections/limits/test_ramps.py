"""A warm-up carries more each day, until it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.connections.limits import ramps
from mailrith.connections.limits.ramps import Ramp
from mailrith.connections.models import Connection
from tests.support import factories

BEGAN = datetime(2026, 11, 20, 22, tzinfo=UTC)
DOUBLING = Ramp(start=50, growth=100, target=1000, began_at=BEGAN)


def test_each_day_carries_more_until_the_target():
    days = [DOUBLING.allowance(BEGAN + timedelta(days=n)) for n in range(6)]

    assert days == [50, 100, 200, 400, 800, None]
    assert DOUBLING.ends_at(BEGAN) == BEGAN + timedelta(days=5)


def test_a_day_of_it_is_24_hours_or_that_of_the_zone():
    there = Ramp(50, 100, 1000, BEGAN, zone="Pacific/Auckland")  # where it is 11 in the morning
    later = BEGAN + timedelta(hours=14)

    assert DOUBLING.allowance(later) == 50
    assert there.allowance(later) == 100
    assert there.grows_at(BEGAN) == datetime(2026, 11, 21, 11, tzinfo=UTC)
    assert DOUBLING.grows_at(BEGAN) == BEGAN + timedelta(days=1)
    assert DOUBLING.grows_at(BEGAN + timedelta(days=9)) is None


@settings(max_examples=40, deadline=None)
@given(start=st.integers(1, 10**6), growth=st.integers(1, 900), target=st.integers(1, 10**8))
def test_it_never_shrinks_never_passes_the_target_and_ends(start, growth, target):
    ramp = Ramp(start, growth, target)
    last = ramp.days
    amounts = [ramp.amount(day) for day in (0, last // 2, last - 1) if 0 <= day < last]

    assert amounts == sorted(amounts)
    assert all(start <= amount < target + 1 for amount in amounts)
    assert ramp.amount(last) is None


def test_it_begins_with_the_first_sending_and_only_once(cast):
    connection = factories.make_connection(cast.workspace, ramp_start=50, ramp_target=400)
    assert ramps.ramp_of(connection).allowance(BEGAN) == 50

    assert ramps.begin(connection)
    began = connection.ramp_began_at
    assert not ramps.begin(connection)
    assert connection.ramp_began_at == began


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"ramp_target": 400}, 400),
        ({"per_day": 300}, 300),
        ({"ramp_target": 400, "per_day": 300}, 300),
        ({}, None),
    ],
)
def test_it_leads_to_its_target_or_the_limit_of_a_day(columns, target):
    ramp = ramps.ramp_of(Connection(ramp_start=50, day_zone="", **columns))

    assert (ramp and ramp.target) == target
