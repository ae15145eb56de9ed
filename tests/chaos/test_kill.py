"""The promise in one sentence: a worker that is killed loses nobody, mails nobody twice, and says who is in doubt."""

import pytest

from tests.chaos import kill


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_kill_in_the_middle_of_a_send_loses_nobody_and_mails_nobody_twice(engine):
    verdict = kill.trial(engine, 3000, seconds=120)

    assert verdict.holds, verdict
    assert verdict.frozen == 3000
