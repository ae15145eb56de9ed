"""One leads, the other waits, and a piece that fails holds up nobody."""

import importlib

from sqlalchemy import update

from mailrith import schedule
from mailrith.core.db import db
from mailrith.core.leases import Lease
from mailrith.schedule import Periodic, Scheduler

done = []


def note():
    done.append("noted")


def fail():
    raise ValueError("broken")


def test_every_piece_of_work_exists():
    for piece in schedule.PERIODIC:
        module, _, name = piece.job.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), piece


def test_started_twice_only_one_leads(app):
    first, second = Scheduler(app, []), Scheduler(app, [])

    first.tick()
    second.tick()

    assert first.token is not None
    assert second.token is None


def test_another_takes_over_when_the_leader_is_gone(app):
    first, second = Scheduler(app, []), Scheduler(app, [])
    first.tick()
    with app.app_context():
        db.session.execute(update(Lease).values(until=1.0))
        db.session.commit()

    second.tick()
    first.tick()

    assert second.token is not None
    assert first.token is None


def test_a_piece_that_fails_holds_up_nobody(app):
    done.clear()
    scheduler = Scheduler(
        app, [Periodic("fail", 0, f"{__name__}.fail"), Periodic("note", 0, f"{__name__}.note")]
    )

    for _ in range(3):
        scheduler.tick()
        for future in scheduler._running.values():
            future.exception()

    assert done == ["noted"] * 3


def test_when_it_stops_the_lead_is_free_at_once(app):
    first, second = Scheduler(app, []), Scheduler(app, [])
    first.tick()
    first.stop()

    first.run()
    second.tick()

    assert second.token is not None
