"""Whole slices, over the wire, on both databases."""

import pytest

from mailrith.core.db import db
from mailrith.delivery import engine, jobs
from mailrith.delivery.models import RunPhase
from tests.support import factories_delivery as make


def test_everybody_gets_the_letter_once(session, smtpd):
    run, people = make.make_sending_run(smtpd, 25)

    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 25}
    assert run.phase == RunPhase.FINISHED


@pytest.fixture(autouse=True)
def _fresh_engine():
    yield
    engine.current().discard()
