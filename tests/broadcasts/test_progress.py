"""When a sending will be through, by its pace and by the limits that it will meet."""

from datetime import timedelta

import pytest
import time_machine

from mailrith.broadcasts.progress import Pace, pace_of
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import movement, queries
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

    def make(ages, waiting, began, connection=None, **limits) -> Run:
        connection = connection or factories.make_connection(cast.workspace, **limits)
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
    assert 600 / movement.rate(run) < 60  # by the pace alone


@pytest.mark.parametrize(
    ("ages", "waiting", "left"),
    [
        ([40] * 60, 30, 20),  # all of a sudden: a third of the wait is left
        ([40] * 60, 90, 80),
        (range(60), 30, 30),  # bit by bit: so does the rest
        (range(60), 90, 90),
        ([50] * 30, 60, 10),  # half of it may go now, the others soon
    ],
)
def test_a_rolling_minute_lets_go_as_it_was_filled(sending, ages, waiting, left):
    found = paced(sending(ages, waiting, began=60, per_minute=60))

    assert found.seconds_left == pytest.approx(left, abs=2)


def test_a_rest_for_a_limit_is_not_taken_for_slowness(sending):
    run = sending([59] * 60 + [0], 59, began=59, per_minute=60)  # the minute has just let go

    assert paced(run).seconds_left == pytest.approx(2, abs=2)


def test_a_server_that_is_slower_than_its_limit_has_the_last_word(sending):
    run = sending(range(60), 300, began=60, per_minute=600)

    assert paced(run).seconds_left == pytest.approx(300, rel=0.05)


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


def test_what_takes_turns_with_it_is_waited_for(sending):
    run = sending([], 300, began=100, per_second=10)
    connection = db.session.get_one(Connection, run.connection_id)
    before = paced(run)
    sending(range(100), 1000, began=100, connection=connection)  # has its turn now
    sending([], 50, began=100, connection=connection)

    assert before.seconds_left == 30  # the limit's word, since nothing moves
    assert paced(run).per_second is None
    assert paced(run).seconds_left == pytest.approx(300 + 300 + 50, rel=0.05)


def test_what_leaves_by_another_way_is_not_waited_for(sending):
    run = sending(range(100), 300, began=100)
    sending(range(100), 1000, began=100)

    assert paced(run).seconds_left == pytest.approx(300, rel=0.05)
