"""A mail server that dies in the middle of a broadcast costs nobody a message, and gives nobody two."""

import pytest

from tests.chaos import takeover


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_another_connection_takes_over_when_the_server_is_killed(engine):
    verdict, (first, second) = takeover.trial(engine, 3000, seconds=120)

    assert verdict.holds, verdict
    assert first + second >= 3000 - verdict.states.get("in_doubt", 0)
    assert second > 0
