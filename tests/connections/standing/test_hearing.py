"""Whether news of a connection's mail gets back, in a word for the list and for a broadcast's review."""

from datetime import timedelta

import pytest
import time_machine

from mailrith.broadcasts import launching
from mailrith.broadcasts.readiness import Fix, Result, checklist
from mailrith.connections.standing import hearing
from mailrith.connections.standing.hearing import Ear, Heard
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.mailbox import returned
from mailrith.events.models import HookRefusals, HookRequest
from tests.support import factories
from tests.support.factories_broadcasts import make_broadcast
from tests.support.factories_mailboxes import make_mailbox

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace, verified_at=now())


def took(connection, at, source="generic"):
    factories.save(
        HookRequest(
            connection_id=connection.id,
            source=source,
            received_at=at,
            body=b"",
            body_digest=b"",
            results=[],
        )
    )


def refused(connection, since):
    factories.save(
        HookRefusals(
            connection_id=connection.id, first_at=since, last_at=now(), count=3, sentence="No"
        )
    )


def heard(connection):
    return hearing.of([connection.id]).get(connection.id)


def test_where_nothing_is_set_up_nothing_is_said(connection):
    assert heard(connection) is None


def test_a_key_that_is_there_waits_for_its_first_event(connection):
    connection.sealed_events_keys = b"sealed"
    db.session.commit()

    assert heard(connection).sentence == "No event yet."


@time_machine.travel("2026-11-21 12:00:00+00:00", tick=False)
def test_the_last_event_and_the_last_refusal_are_weighed_by_their_time(connection):
    took(connection, now() - timedelta(days=3))
    assert heard(connection).sentence == "Last event 3 days ago."

    refused(connection, now() - 2 * AN_HOUR)
    assert heard(connection).sentence == "Events refused for 2 hours."

    took(connection, now())
    assert heard(connection).heard == Heard.WELL


def test_a_mailbox_that_fails_is_told_before_a_webhook_that_works(connection):
    took(connection, now())
    mailbox = make_mailbox(connection.id, fetched_at=now() - AN_HOUR)
    assert heard(connection).ear == Ear.WEBHOOK, "the latest, while both go well"

    mailbox.failing_since = now() - AN_HOUR
    db.session.commit()
    assert heard(connection).sentence == "Bounces unread for 1 hour."


def test_what_a_mailbox_brought_is_no_event_of_a_webhook(connection):
    took(connection, now(), source=returned.SOURCE)

    assert heard(connection) is None


def test_the_review_says_how_it_stands_and_where_to_mend_it(cast, connection):
    broadcast = make_broadcast(cast.workspace, connection_id=connection.id)

    def line():
        count, way = launching.count_of(broadcast), launching.way_of(broadcast)
        checks = checklist(cast.workspace, broadcast, way, count)
        return next((check for check in checks if check.code == "heard"), None)

    assert line() is None
    took(connection, now())
    assert (line().result, line().text[:10]) == (Result.FINE, "Last event")
    refused(connection, now())
    assert (line().result, line().fix) == (Result.WARN, Fix.WEBHOOK)
    db.session.query(HookRefusals).delete()
    make_mailbox(connection.id, failing_since=now())
    assert (line().fix, line().connection) == (Fix.MAILBOX, connection.public_id)
