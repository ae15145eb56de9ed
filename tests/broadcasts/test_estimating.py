"""When a broadcast will be through: by the same windows that hold the sending back."""

import pytest

from mailrith.broadcasts import estimating
from mailrith.core.clock import now
from mailrith.delivery.models import DeliveryState
from tests.support import factories
from tests.support.factories_broadcasts import make_broadcast, make_delivery, make_run

MINUTE, HOUR, DAY, MONTH = 60, 3600, 86400, 30 * 86400


@pytest.mark.parametrize(
    ("limits", "people", "seconds", "days"),
    [
        ({}, 1000, None, 1),
        ({"per_second": 10}, 1000, 100, 1),
        ({"per_second": 1}, 200_000, 200_000, 1),  # long, but no day holds it back
        ({"per_minute": 60}, 60, 0, 1),
        ({"per_minute": 60}, 61, MINUTE, 1),
        ({"per_minute": 60}, 600, 9 * MINUTE, 1),
        ({"per_minute": 60, "per_second": 1}, 600, 600, 1),
        ({"per_hour": 1000}, 1000, 0, 1),
        ({"per_hour": 1000}, 3500, 3 * HOUR, 1),
        ({"per_hour": 1000, "per_minute": 100}, 2000, HOUR + 9 * MINUTE, 1),
        ({"per_hour": 1000, "per_minute": 10}, 2000, 199 * MINUTE, 1),
        ({"per_day": 300}, 300, 0, 1),
        ({"per_day": 300}, 301, DAY, 2),
        ({"per_day": 300, "per_second": 5}, 1000, 3 * DAY + 20, 4),
        ({"per_month": 1000}, 1500, MONTH, 31),
        ({"per_month": 1000, "per_day": 100}, 250, 2 * DAY, 3),
        ({"per_month": 1000, "per_day": 100}, 1050, MONTH, 31),
    ],
)
def test_all_windows_together_say_when_it_is_through(cast, limits, people, seconds, days):
    connection = factories.make_connection(cast.workspace, **limits)
    found = estimating.estimate(connection, people)

    assert (found.seconds, found.days) == (seconds, days)


def test_what_was_sent_already_counts(cast):
    connection = factories.make_connection(cast.workspace, per_day=5, per_month=100)
    run = make_run(make_broadcast(cast.workspace), connection, started_at=now())
    for _ in range(4):
        make_delivery(run, factories.make_subscriber(cast.workspace), DeliveryState.SENT)

    assert estimating.left_today(connection) == 1
    assert estimating.estimate(connection, 1).left_after == 0
    assert estimating.estimate(connection, 2).days == 2


def test_what_is_left_of_a_month_can_be_less_than_a_day(cast):
    connection = factories.make_connection(cast.workspace, per_day=500, per_month=100)

    assert estimating.left_today(connection) == 100
