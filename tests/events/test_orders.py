"""Events in any order, told again here and there, end in the same state. `tests.bench.orders` does it with 100,000."""

import pytest

from tests.bench import orders

pytestmark = pytest.mark.usefixtures("run_jobs")


def test_every_order_of_a_thousand_events_ends_in_the_same_state(session):
    world = orders.build(1000)

    first, different = orders.measure(world, 1)

    assert different == {}
    reached = {(status, guessed) for _, status, guessed in first["subscribers"]}
    assert {
        ("Active", False),
        ("Bounced", True),
        ("Bounced", False),
        ("Complained", False),
    } <= reached
    assert {reason for _, _, reason, _ in first["suppressions"]} >= {
        "bounced",
        "complained",
        "provider",
    }
    assert any(state == "sent" and cause == "evidence" for _, state, cause in first["deliveries"])
