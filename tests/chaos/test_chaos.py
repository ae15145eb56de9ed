"""The guarantees in short, on both databases; `python -m tests.chaos` is the long form. A broken sender has to be caught."""

import pytest

from tests.bench import fairness
from tests.chaos.plans import control, plan
from tests.chaos.season import Season

PEOPLE = 100
SEED = 3
SLICE_SECONDS = 0.3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def season(request):
    with Season(request.param) as season:
        yield season


@pytest.mark.parametrize("point", ["replied", "moving"])
def test_a_worker_killed_at_a_bad_moment_loses_nobody_and_mails_nobody_twice(season, point):
    verdict = season.play(plan(point, SEED, PEOPLE))

    assert point in verdict.died
    assert not verdict.violations


@pytest.mark.parametrize(
    ("season", "broken"),
    [("sqlite", "sent_before_reply"), ("postgresql", "mark_after_wire")],
    indirect=["season"],
)
def test_the_judge_catches_a_broken_sender(season, broken):
    verdict = season.play(control(broken, SEED, PEOPLE))

    assert verdict.lost or verdict.duplicates
    assert not verdict.stuck


@pytest.mark.parametrize("season", ["postgresql"], indirect=True)
def test_four_broadcasts_through_two_connections_take_turns_within_both_limits(season):
    limits = [{"per_second": 50}, {"per_second": 70}]

    ways = fairness.measure(season.theatre, 80, limits, slice_seconds=SLICE_SECONDS, seconds=60)

    for way in ways:
        assert way.busiest("per_second") <= way.bound("per_second")
        assert way.longest_row <= 2 * way.turn(SLICE_SECONDS) < 80
        assert len(way.heard) == 160
