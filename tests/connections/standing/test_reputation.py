"""At which shares of bounces and complaints Mailrith warns, and at which it stops a connection."""

from datetime import timedelta

import pytest
import time_machine

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions
from mailrith.connections.checks import probing
from mailrith.connections.models import ConnectionReputation
from mailrith.connections.standing import health, pausing, reputation, resuming
from mailrith.connections.standing.reputation import Reputation, Standing
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.verify import Report
from tests.support import factories


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def stopped(connection):
    """A connection of which 60 of 1,000 messages came back."""
    reputation.note(connection.id, Reputation(1000, 60, 0))
    db.session.commit()
    return connection


@pytest.mark.parametrize(
    ("answered", "bounced", "complained", "standing"),
    [
        (199, 199, 199, Standing.GOOD),
        (200, 3, 0, Standing.GOOD),
        (200, 4, 0, Standing.WARN),
        (1000, 19, 0, Standing.GOOD),
        (1000, 20, 0, Standing.WARN),
        (1000, 49, 0, Standing.WARN),
        (1000, 50, 0, Standing.BAD),
        (10_000, 0, 9, Standing.GOOD),
        (10_000, 0, 10, Standing.WARN),
        (10_000, 0, 29, Standing.WARN),
        (10_000, 0, 30, Standing.BAD),
        (10_000, 200, 30, Standing.BAD),
    ],
)
def test_shares_are_judged(answered, bounced, complained, standing):
    assert Reputation(answered, bounced, complained).standing == standing


def test_the_sentence_gives_the_figures():
    assert Reputation(1000, 24, 0).sentence == (
        "2.4 % of its mail of the last seven days came back: 24 of 1,000 messages."
    )
    assert Reputation(10_000, 0, 12).sentence == (
        "0.12 % of its mail of the last seven days was marked as spam: 12 of 10,000 messages."
    )
    assert Reputation(1000, 1, 0).sentence == ""


@pytest.mark.parametrize(
    ("found", "cause"),
    [(Reputation(1000, 50, 0), "many_bounces"), (Reputation(1000, 0, 3), "many_complaints")],
)
def test_too_much_pauses_the_connection_with_the_reason(connection, found, cause):
    reputation.note(connection.id, found)

    assert connection.pause_cause == cause
    assert connection.probe_at is None
    problem = actions.sendable(connection)
    assert problem.code == "paused"
    assert "of the last seven days" in problem.sentence
    how = health.health_of(connection, sent_today=0, reputation=found)
    assert found.sentence in how.sentence


def test_a_warning_stops_nothing_and_is_said(connection):
    found = Reputation(1000, 24, 0)
    reputation.note(connection.id, found)

    assert connection.paused_at is None
    how = health.health_of(connection, sent_today=0, reputation=reputation.of_one(connection))
    assert how.returned == found.sentence


def test_an_old_count_is_not_shown(connection):
    reputation.note(connection.id, Reputation(1000, 24, 0))
    db.session.commit()

    with time_machine.travel(now() + timedelta(days=2)):
        assert reputation.of_one(connection).sentence == ""


def test_what_stopped_it_stays_in_sight_as_long_as_it_is_stopped(stopped):
    with time_machine.travel(now() + timedelta(days=20)):
        assert resuming.to_type(stopped) == 60


def test_a_good_verify_does_not_end_such_a_pause(stopped, cast):
    good = Report(())
    assert good.ok

    probing.record_report(stopped, good, None)
    probing.record_report(stopped, good, cast.alice)

    assert stopped.pause_cause == "many_bounces"
    assert pausing.by_share(stopped)


@pytest.mark.parametrize("typed", ["", "6", "59", "yes"])
def test_nobody_goes_on_without_typing_how_many_came_back(stopped, cast, typed):
    with pytest.raises(actions.NotConfirmed):
        actions.resume_connection(stopped, cast.alice, typed)

    assert stopped.paused_at is not None


def test_whoever_types_it_goes_on_and_what_was_sent_before_counts_no_more(stopped, cast):
    actions.resume_connection(stopped, cast.alice, "60")
    db.session.commit()

    assert stopped.paused_at is None
    assert reputation.of_one(stopped).sentence == ""
    assert now() - reputation.count_from(stopped.id) < timedelta(minutes=1)
    entry = db.session.query(AuditEntry).filter_by(action="connection.resumed").one()
    assert (entry.user_id, entry.details["cause"]) == (cast.alice.id, "many_bounces")


def test_after_a_week_all_that_counts_was_sent_since(connection):
    db.session.add(
        ConnectionReputation(connection_id=connection.id, count_from=now() - timedelta(days=30))
    )
    db.session.flush()

    assert now() - reputation.count_from(connection.id) < timedelta(days=7, minutes=1)
