"""What a run of soft bounces is, without a database."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from mailrith.events.bounce_runs import SILENCE, Arrival, Bounce, has_run
from mailrith.suppression.policy import SoftBounces

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
RULES = SoftBounces(bounces=5, days=14)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def bounces(*days: float) -> list[Bounce]:
    """One message for each."""
    return [Bounce(day(number), at) for at, number in enumerate(days)]


def arrived(number: float, delivery_id: int = 99) -> Arrival:
    return Arrival(day(number), day(number), delivery_id)


def silent(number: float) -> Arrival:
    return Arrival(day(number), day(number) + SILENCE, 99)


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ((0, 4, 7, 11, 14), True),
        ((0, 4, 7, 14), False),  # too few
        ((0, 1, 2, 3, 4, 5, 6, 7), False),  # too soon
        ((0, 1, 2, 3, 4, 13.9), False),
        ((0, 1, 2, 3, 4, 14), True),
        ((), False),
    ],
)
def test_a_run_is_enough_bounces_over_enough_days(days, found):
    assert has_run(bounces(*days), [], RULES) is found


def test_a_delivery_between_them_begins_anew():
    days = bounces(0, 4, 7, 11, 14)

    assert not has_run(days, [arrived(8)], RULES)
    assert has_run(days, [arrived(-1)], RULES)
    assert has_run(days, [arrived(15)], RULES)
    assert has_run(bounces(0, 4, 7, 11, 14, 18, 25), [arrived(5)], SoftBounces(5, 14))


def test_a_run_that_was_there_is_not_undone_by_what_arrives_after_it():
    assert has_run(bounces(0, 4, 7, 11, 14, 20), [arrived(16)], RULES)


def test_several_reports_about_one_message_are_one_bounce():
    once = [Bounce(day(0) + timedelta(hours=hour), 1) for hour in range(20)]

    assert not has_run([*once, Bounce(day(14), 2)], [], RULES)


def test_a_message_that_is_tried_for_weeks_counts_each_day():
    assert has_run([Bounce(day(number), 1) for number in (0, 4, 8, 12, 16)], [], RULES)


def test_a_message_that_was_taken_and_came_back_was_not_delivered():
    days = bounces(0, 4, 7, 11, 14)

    assert has_run(days, [arrived(6.9, delivery_id=2)], RULES)
    assert not has_run(days, [arrived(7.1, delivery_id=2)], RULES)  # it came back, and then arrived


def test_silence_counts_as_a_delivery_once_it_has_lasted():
    assert not has_run(bounces(0, 4, 7, 11, 14), [silent(8)], RULES)
    assert has_run(bounces(0, 4, 7, 11, 14), [silent(12)], RULES)


@pytest.mark.parametrize("seed", range(30))
def test_no_order_makes_a_difference(seed):
    chance = random.Random(seed)
    told = [Bounce(day(chance.uniform(0, 40)), chance.randrange(8)) for _ in range(15)]
    there = [arrived(chance.uniform(0, 40), chance.randrange(8)) for _ in range(2)]
    first = has_run(told, there, RULES)

    for _ in range(10):
        chance.shuffle(told)
        chance.shuffle(there)
        assert has_run([*told, *told], [*there, *there], RULES) is first
