"""A server that goes away in the middle of a broadcast, from the first refusal to the last reader, with nobody at a keyboard."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from mailrith.connections import jobs as connections
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import RunPhase
from tests.support import factories_delivery as make


def probe():
    """What the scheduler and a worker do."""
    connections.probe_paused()
    waiting = select(ConnectionCheck.id).where(ConnectionCheck.state == CheckState.WAITING)
    for check_id in db.session.scalars(waiting).all():
        connections.check(check_id)
    db.session.expire_all()


@pytest.fixture
def later():
    with time_machine.travel(now(), tick=True) as clock:
        yield lambda **by: clock.shift(timedelta(**by))


def test_the_run_rests_and_goes_on_when_a_probe_finds_the_server_well(
    session, smtpd, later, run_jobs
):
    run, people = make.make_sending_run(smtpd, 6)
    smtpd.answer("greeting", "421 4.3.2 Down for maintenance")
    jobs.send_slice(run.id)
    connection = session.get(Connection, run.connection_id)
    session.refresh(run)
    assert (run.phase, make.states(run)) == (RunPhase.PAUSED, {"queued": 6})
    assert connection.paused_at is not None

    later(minutes=2)
    probe()
    session.refresh(run)
    assert run.phase == RunPhase.PAUSED  # it is still down

    smtpd.clear()
    later(minutes=10)
    probe()
    session.rollback()
    run_jobs()

    session.refresh(run)
    assert (run.phase, make.states(run)) == (RunPhase.FINISHED, {"sent": 6})
    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert connection.paused_at is None


def test_a_refused_password_stops_everything_until_a_person_comes(session, smtpd, later):
    run, _ = make.make_sending_run(smtpd, 3)
    smtpd.answer("MAIL", "535 5.7.8 Wrong password")
    jobs.send_slice(run.id)
    smtpd.clear()

    for _ in range(5):
        later(days=1)
        probe()
        connections.verify_daily()

    session.refresh(run)
    assert run.phase == RunPhase.PAUSED
    assert session.query(ConnectionCheck).count() == 0
