"""When a broadcast will be through: by the same windows that hold the sending back."""

import pytest
import redis
import time_machine

from mailrith.broadcasts import estimating
from mailrith.broadcasts.estimating import Part
from mailrith.connections import queries
from mailrith.connections.models import ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState
from mailrith.delivery.pacing.backoff import Backoff
from mailrith.subscribers.audience import Audience
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
@pytest.mark.any_database
def test_all_windows_together_say_when_it_is_through(cast, limits, people, seconds, days):
    connection = factories.make_connection(cast.workspace, **limits)
    found = through(connection, people)

    assert (found.seconds, found.days) == (seconds, days)


def test_what_was_sent_already_counts(cast):
    connection = factories.make_connection(cast.workspace, per_day=5, per_month=100)
    run = make_run(make_broadcast(cast.workspace), connection, started_at=now())
    for _ in range(4):
        make_delivery(run, factories.make_subscriber(cast.workspace), DeliveryState.SENT)

    assert through(connection, 1).left_today == 1
    assert through(connection, 1).left_after == 0
    assert through(connection, 2).days == 2


def test_what_is_left_of_a_month_can_be_less_than_a_day(cast):
    connection = factories.make_connection(cast.workspace, per_day=500, per_month=100)

    assert through(connection, 1).left_today == 100


# ---- warm-up, days of a zone, shares ---------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "people", "days"),
    [
        ({"ramp_start": 50, "ramp_growth": 100, "ramp_target": 1000}, 50, 1),
        ({"ramp_start": 50, "ramp_growth": 100, "ramp_target": 1000}, 350, 3),  # 50 + 100 + 200
        ({"ramp_start": 50, "ramp_growth": 100, "ramp_target": 1000}, 1551, 6),  # and then no limit
        ({"ramp_start": 50, "ramp_growth": 100, "per_day": 1000}, 2551, 7),  # and then 1,000 a day
    ],
)
@pytest.mark.any_database
def test_a_warm_up_spreads_it_over_growing_days(cast, columns, people, days):
    found = through(factories.make_connection(cast.workspace, **columns), people)

    assert (found.days, found.left_today, found.warming_up) == (days, 50, True)


@time_machine.travel("2026-11-01T05:00Z", tick=False)  # two hours before midnight in California
def test_a_day_of_a_zone_is_over_at_its_midnight(cast):
    connection = factories.make_connection(
        cast.workspace, per_day=300, day_zone="America/Los_Angeles"
    )

    assert through(connection, 300).days == 1
    assert (through(connection, 301).seconds, through(connection, 301).days) == (2 * HOUR, 2)
    # The day in between has 25 hours: clocks go back on the first of November.
    assert (through(connection, 601).seconds, through(connection, 601).days) == (27 * HOUR, 3)


def test_a_share_is_all_that_the_workspace_has(cast):
    connection = factories.make_connection(cast.workspace, per_day=300)
    connection_row = db.session.get(ConnectionWorkspace, (cast.workspace.id, connection.id))
    connection_row.share = 25
    db.session.commit()

    found = through(connection, 100)

    assert (found.left_today, found.days) == (75, 2)


# ---- several routes, receivers ---------------------------------------------------------------


def test_several_routes_go_at_the_same_time_and_the_slowest_decides(cast):
    quick = factories.make_connection(cast.workspace, per_second=10, per_day=500)
    slow = factories.make_connection(cast.workspace, name="Slow", per_second=1, per_day=200)
    parts = [Part(quick, 100), Part(slow, 100)]

    found = estimating.estimate(cast.workspace.id, parts)

    assert (found.people, found.seconds, found.per_second, found.left_today) == (200, 100, 11, 700)


def test_routes_of_one_account_follow_one_another(cast):
    marks = {"login_mark": "northpost", "per_day": 300}
    one, other = (
        factories.make_connection(cast.workspace, name=name, **marks) for name in ("One", "Other")
    )

    found = estimating.estimate(cast.workspace.id, [Part(one, 200), Part(other, 200)])

    assert (found.left_today, found.days) == (300, 2)


def test_receivers_with_a_limit_take_longer_than_the_rest(cast):
    for domain in ("gmail.com", "googlemail.com", "readers.example"):
        for number in range(4):
            factories.make_subscriber(cast.workspace, email=f"{number}@{domain}")
    limits = {"gmail.com": {"per_second": 2, "sessions": None}}
    connection = factories.make_connection(cast.workspace, per_second=100, receiver_limits=limits)

    found = estimating.estimate(cast.workspace.id, [Part(connection, 12)], Audience("everyone"))

    slowest = found.slowest
    assert (slowest.domain, slowest.people, slowest.asked) == ("gmail.com", 8, False)
    assert found.seconds == 4


def test_receivers_that_asked_for_less_get_quicker_again(cast, redis_url):
    for number in range(10):
        factories.make_subscriber(cast.workspace, email=f"{number}@gmail.com")
    connection = factories.make_connection(cast.workspace)
    with redis.Redis.from_url(redis_url) as client:
        Backoff(client, connection.id).slower("google", 0.2)

    found = estimating.estimate(cast.workspace.id, [Part(connection, 10)], Audience("everyone"))

    # Ten seconds of silence, then one message in five seconds for a minute: by then it is over.
    assert found.slowest.asked
    assert found.seconds == pytest.approx(10 + 10 / 0.2, abs=1)


def through(connection, people):
    """The estimate of the first workspace, for one connection."""
    workspace = queries.workspaces_of([connection.id])[connection.id][0]
    return estimating.estimate(workspace.id, [Part(connection, people)])
