"""When a sending will be through, by its pace and by the limits that it will meet."""

from datetime import timedelta

import pytest
import time_machine

from mailrith.broadcasts.progress import Pace, pace_of
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import queries
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from tests.support import factories
from tests.support.factories_broadcasts import make_broadcast, make_run

SENT, QUEUED = DeliveryState.SENT, DeliveryState.QUEUED


@pytest.fixture(autouse=True)
def still():
    """The clock stands."""
    with time_machine.travel(now(), tick=False):
        yield


@pytest.fixture
def sending(cast):
    """`sending(ages, waiting, began, **limits)`: a run that took messages so many seconds ago, and has to take so many more."""

    def make(ages, waiting, began, **limits) -> Run:
        connection = factories.make_connection(cast.workspace, **limits)
        run = make_run(
            make_broadcast(cast.workspace),
            connection,
            phase=RunPhase.SENDING,
            started_at=now() - timedelta(seconds=began),
        )
        states = [(SENT, age) for age in sorted(ages, reverse=True)] + [(QUEUED, 0)] * waiting
        db.session.add_all(
            Delivery(
                run_id=run.id,
                workspace_id=cast.workspace.id,
                connection_id=connection.id,
                email=f"{number}@example.org",
                fingerprint=number.to_bytes(32, "big"),
                state=state,
                updated_at=now() - timedelta(seconds=age),
            )
            for number, (state, age) in enumerate(states)
        )
        db.session.commit()
        return run

    return make


def paced(run: Run) -> Pace:
    return pace_of(run, queries.progress(run))


def test_a_steady_pace_goes_on(sending):
    found = paced(sending(range(100), 300, began=100))

    assert found.per_second == pytest.approx(1, rel=0.05)
    assert found.seconds_left == pytest.approx(300, rel=0.05)


def test_a_limit_that_was_used_up_in_a_second_is_not_taken_for_a_pace(sending):
    run = sending([1] * 60, 600, began=1, per_minute=60)

    assert paced(run).seconds_left == pytest.approx(10 * 60, abs=2)
    assert 600 / queries.rate(run) < 60  # by the pace alone


def test_who_waits_for_a_limit_still_hears_when_it_is_through(sending):
    found = paced(sending([100] * 60, 600, began=100, per_minute=60))

    assert found.per_second is None
    assert found.seconds_left == pytest.approx(9 * 60, abs=2)


def test_a_server_slower_than_the_limit_decides(sending):
    found = paced(sending(range(100), 300, began=100, per_second=50))

    assert found.seconds_left == pytest.approx(300, rel=0.05)


def test_the_time_before_it_went_on_again_slows_nothing_down(sending):
    ages = [*range(10), *range(500, 600)]  # it rested for eight minutes

    assert paced(sending(ages, 300, began=600)).per_second == pytest.approx(1, rel=0.2)


def test_turns_of_others_belong_to_the_pace(sending):
    ages = [age for age in range(120) if age % 20 < 5]  # five seconds of each twenty are its own

    found = paced(sending(ages, 300, began=120))

    assert found.per_second == pytest.approx(0.25, rel=0.1)


def test_nobody_waiting_needs_no_time(sending):
    assert paced(sending(range(10), 0, began=10)).seconds_left == 0
