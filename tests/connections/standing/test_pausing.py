"""When Mailrith stops a connection by itself, when it tries again, and who is told."""

from datetime import timedelta

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions, signals
from mailrith.connections.standing import pausing
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.causes import CAUSES
from tests.support import factories


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


@pytest.fixture
def heard():
    """Ids of the connections that recovered."""
    ids = []

    def hear(sender, *, connection_id):
        ids.append(connection_id)

    signals.connection_recovered.connect(hear)
    yield ids
    signals.connection_recovered.disconnect(hear)


def minutes(cause, tried):
    moment = now()
    found = pausing.next_probe(cause, tried, moment)
    return None if found is None else (found - moment) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("tried", "wait"), [(0, 1), (1, 2), (2, 5), (3, 10), (4, 20), (5, 30), (6, 60), (99, 60)]
)
def test_probes_come_further_apart_until_they_are_hourly(tried, wait):
    waits = [minutes("connection_lost", tried) for _ in range(50)]

    assert all(wait * 0.8 <= found <= wait * 1.2 for found in waits)
    assert len(set(waits)) > 1  # not everybody at once


def test_every_cause_that_may_pass_is_in_the_table():
    assert set(CAUSES) >= pausing.PASSING | pausing.NEVER_AGAIN
    assert not pausing.PASSING & pausing.NEVER_AGAIN


def test_a_refused_sign_in_is_never_tried_again_by_itself():
    assert minutes("auth_refused", 0) is None


@pytest.mark.parametrize("cause", ["sender_refused", "certificate_name", "credentials_lost"])
def test_what_only_a_person_can_mend_is_tried_three_times(cause):
    assert [minutes(cause, tried) is not None for tried in range(5)] == [True] * 3 + [False] * 2


def test_a_limit_of_the_service_is_not_asked_about_in_the_first_minutes():
    assert minutes("quota", 0) >= 24


def test_a_pause_says_why_and_when_it_is_tried_next(connection):
    actions.pause_connection(connection.id, "timeout", "421 4.4.2 Too slow")
    db.session.commit()

    assert connection.probe_at > now()
    assert (connection.pause_cause, connection.last_error) == ("timeout", "421 4.4.2 Too slow")
    assert connection.last_error_at is not None


def test_a_pause_without_words_of_the_server_is_kept_in_ours(connection):
    actions.pause_connection(connection.id, "connect_timeout")

    assert connection.last_error == "No answer"


def test_resuming_by_hand_is_audited_and_told(cast, connection, heard):
    actions.pause_connection(connection.id, "timeout")
    actions.resume_connection(connection, cast.alice)
    db.session.commit()

    assert (connection.paused_at, connection.probe_at) == (None, None)
    assert heard == [connection.id]
    last = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (last.action, last.user_id) == ("connection.resumed", cast.alice.id)


def test_enabling_is_told_unless_it_is_paused_too(cast, connection, heard):
    actions.disable(connection, cast.alice)
    actions.enable(connection, cast.alice)
    assert heard == [connection.id]

    actions.pause_connection(connection.id, "timeout")
    actions.disable(connection, cast.alice)
    actions.enable(connection, cast.alice)
    assert heard == [connection.id]


def test_stopping_again_soon_after_a_lucky_probe_waits_longer(connection):
    actions.pause_connection(connection.id, "too_many_connections")
    actions.resume_connection(connection, None)  # a probe sends nothing, so it passes
    actions.pause_connection(connection.id, "too_many_connections")

    assert connection.probe_at - now() > timedelta(minutes=1.5)
