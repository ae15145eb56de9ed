from dataclasses import replace

import pytest

from mailrith.broadcasts import launching
from mailrith.broadcasts.readiness import Result, checklist, stopping
from mailrith.connections.sender_checks.dmarc import Dmarc
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.connections.sender_checks.test_reading import GOOD, SENDER
from tests.support import factories
from tests.support.factories_broadcasts import make_broadcast


@pytest.fixture
def lines(cast):
    """The lines of the checklist about the sender, with this report on the connection."""
    connection = factories.make_connection(cast.workspace, from_email=SENDER, verified_at=now())
    broadcast = make_broadcast(cast.workspace, connection_id=connection.id)
    factories.make_subscriber(cast.workspace)

    def look(report=None):
        connection.sender_report = report.as_data() if report else {}
        db.session.commit()
        count = launching.count_of(broadcast)
        checks = checklist(cast.workspace, broadcast, launching.way_of(broadcast), count)
        assert stopping(checks) == []
        return [(check.result, check.title) for check in checks if check.code == "sender"]

    return look


def test_a_missing_record_is_said_before_sending_and_stops_nothing(lines):
    missing = replace(GOOD, dmarc=Dmarc(Outcome.NONE))

    assert lines(missing) == [(Result.WARN, f"No DMARC record, for {SENDER}")]


def test_records_that_are_there_are_said_to_be_there_and_no_more(lines):
    assert lines(GOOD) == [(Result.FINE, "SPF, DKIM and DMARC records are there")]


def test_before_anything_was_looked_up_nothing_is_said(lines):
    assert lines() == []
    assert lines(replace(GOOD, skipped="demo")) == []


def test_mail_that_came_back_is_said_before_it_stops_the_connection(cast):
    connection = factories.make_connection(cast.workspace, verified_at=now())
    broadcast = make_broadcast(cast.workspace, connection_id=connection.id)
    factories.make_subscriber(cast.workspace)
    reputation.note(connection.id, Reputation(1000, 24, 0))
    db.session.commit()

    count, way = launching.count_of(broadcast), launching.way_of(broadcast)
    checks = {check.code: check for check in checklist(cast.workspace, broadcast, way, count)}

    assert checks["returned"].result == Result.WARN
    assert "24 of 1,000 messages" in checks["returned"].text


def test_a_connection_of_which_too_much_came_back_holds_the_next_broadcast(cast):
    connection = factories.make_connection(cast.workspace, verified_at=now())
    broadcast = make_broadcast(cast.workspace, connection_id=connection.id)
    factories.make_subscriber(cast.workspace)
    reputation.note(connection.id, Reputation(1000, 60, 0))
    db.session.commit()

    count, way = launching.count_of(broadcast), launching.way_of(broadcast)
    held = stopping(checklist(cast.workspace, broadcast, way, count))

    assert [check.code for check in held] == ["connection"]
    assert "At least 5 % of the mail of the last seven days came back" in held[0].text
