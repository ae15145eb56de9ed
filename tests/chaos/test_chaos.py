"""The guarantees in short, on both databases; `python -m tests.chaos` is the long form. A broken sender has to be caught."""

import pytest

from tests.chaos.__main__ import Session, control, plan

PEOPLE = 100
SEED = 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def session(request):
    with Session(request.param) as session:
        yield session


@pytest.mark.parametrize("point", ["replied", "moving"])
def test_a_worker_killed_at_a_bad_moment_loses_nobody_and_mails_nobody_twice(session, point):
    verdict = session.play(plan(point, SEED, PEOPLE))

    assert point in verdict.died
    assert not verdict.violations


@pytest.mark.parametrize(
    ("session", "broken"),
    [("sqlite", "sent_before_reply"), ("postgresql", "mark_after_wire")],
    indirect=["session"],
)
def test_the_judge_catches_a_broken_sender(session, broken):
    verdict = session.play(control(broken, SEED, PEOPLE))

    assert verdict.lost or verdict.duplicates
    assert not verdict.stuck
