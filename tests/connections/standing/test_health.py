"""What the list says about a connection at a glance."""

from datetime import timedelta

import pytest

from mailrith.connections import actions
from mailrith.connections.models import ConnectionState
from mailrith.connections.standing.health import health_of
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace, per_day=500, verified_at=now())


def test_a_good_connection_says_so_with_its_numbers(connection):
    found = health_of(connection, sent_today=120)

    assert (found.state, found.sentence) == (ConnectionState.READY, "It works.")
    assert (found.sent_today, found.limit) == (120, 500)
    assert (found.since, found.tried_next, found.certificate_days) == (None, None, None)


def test_a_paused_one_says_why_since_when_and_when_it_is_tried_next(connection):
    actions.pause_connection(connection.id, "connect_timeout", "No route")
    found = health_of(connection, sent_today=0)

    assert found.state == ConnectionState.PAUSED
    assert found.sentence == "Mailrith paused it: The server did not answer in time."
    assert found.since == connection.paused_at
    assert found.tried_next == connection.probe_at
    assert (found.last_error, found.last_error_at) == ("No route", connection.last_error_at)


def test_one_that_is_never_tried_by_itself_has_no_next_try(connection):
    actions.pause_connection(connection.id, "auth_refused", "535 5.7.8 No")

    assert health_of(connection, sent_today=0).tried_next is None


def test_a_disabled_one_says_since_when(cast, connection):
    actions.disable(connection, cast.alice)
    found = health_of(connection, sent_today=0)

    assert (found.state, found.since) == (ConnectionState.DISABLED, connection.disabled_at)


@pytest.mark.parametrize(("days", "ends"), [(40, False), (13, True), (-2, True)])
def test_a_certificate_is_counted_in_days(connection, days, ends):
    connection.certificate_until = now() + timedelta(days=days, minutes=1)
    db.session.commit()
    found = health_of(connection, sent_today=0)

    assert (found.certificate_days, found.certificate_ends) == (days, ends)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [("", "Nobody has verified it yet."), ("535 No", "It did not work when it was last tried.")],
)
def test_an_unverified_one_says_whether_it_was_tried(connection, error, sentence):
    connection.verified_at, connection.last_error = None, error

    assert health_of(connection, sent_today=0).sentence == sentence
