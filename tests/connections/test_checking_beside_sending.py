"""Somebody presses Verify while the only worker sends a broadcast."""

import time

import pytest
from sqlalchemy import select

from mailrith.accounts.models import User
from mailrith.connections.checks import checking
from mailrith.connections.models import CheckState, Connection, ConnectionCheck
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunPhase
from tests.chaos.kill import wait_for_lines
from tests.chaos.stage import stage

PEOPLE = 3000  # half a minute at two sessions


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_verify_is_done_long_before_the_slice_would_end(engine):
    with stage(engine, slice_seconds=60) as here:
        port, log = here.start_sink("--delay-ms", "20")
        run_id = here.make_run(port, PEOPLE, sessions=2)
        worker = here.start("worker")
        wait_for_lines(log, 20, worker, 120)

        with here.app.app_context():
            connection = db.session.scalars(select(Connection)).one()
            person = db.session.scalars(select(User)).first()
            check_id = checking.ask(connection, person).id
            db.session.commit()
        until_done(here, check_id)

        with here.reading():
            check = db.session.get(ConnectionCheck, check_id)
            phase = db.session.scalar(select(Run.phase).where(Run.id == run_id))
            assert checking.report_of_check(check).ok
            assert phase == RunPhase.SENDING
        # The slice made room, and the sending went on behind it.
        sent = here.counts(run_id)["sent"]
        wait_for_lines(log, sent + 20, worker, 60)


def until_done(here, check_id, seconds=40):
    end = time.monotonic() + seconds
    while True:
        with here.reading():
            state = db.session.scalar(
                select(ConnectionCheck.state).where(ConnectionCheck.id == check_id)
            )
        if state == CheckState.DONE:
            return
        assert time.monotonic() < end, state
        time.sleep(0.05)
