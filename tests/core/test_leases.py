from typing import Any

from sqlalchemy import update

from mailrith.core import leases


def test_only_one_of_two_gets_the_lease(session: Any) -> None:
    first = leases.acquire("scheduler", "one", seconds=30)
    session.commit()
    second = leases.acquire("scheduler", "two", seconds=30)

    assert first
    assert second is None


def test_a_lease_that_ran_out_changes_hands_and_fences_off_the_old_holder(session: Any) -> None:
    old = leases.acquire("scheduler", "one", seconds=30)
    session.execute(update(leases.Lease).values(until=0.0))
    session.commit()

    new = leases.acquire("scheduler", "two", seconds=30)
    session.commit()

    assert new
    assert old
    assert not leases.renew("scheduler", old, seconds=30)
    assert leases.renew("scheduler", new, seconds=30)


def test_a_released_lease_is_free_at_once(session: Any) -> None:
    token = leases.acquire("scheduler", "one", seconds=30)
    assert token
    leases.release("scheduler", token)
    session.commit()

    assert leases.acquire("scheduler", "two", seconds=30)
