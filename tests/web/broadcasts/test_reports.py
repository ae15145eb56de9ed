"""The report, and everybody by outcome."""

import pytest

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState, RunPhase, RunRoute
from mailrith.events import facts
from mailrith.events.models import FactKind
from mailrith.events.reports import Report
from mailrith.subscribers.models import SubscriberStatus
from tests.support.factories import make_connection, make_subscriber, save
from tests.support.factories_broadcasts import make_delivery, make_run


def test_the_sum_adds_up(signed_in, at, run, cast):
    for state in ("sent", "sent", "failed", "skipped"):
        make_delivery(run, make_subscriber(cast.workspace), DeliveryState(state))
    page = signed_in.get(at("report")).text

    assert "50.0% of 4" in page
    assert "2 sent, 1 failed, 1 skipped" in page


def test_who_left_since_is_counted(signed_in, at, run, cast):
    leaver = make_subscriber(
        cast.workspace, status=SubscriberStatus.UNSUBSCRIBED, status_changed_at=now()
    )
    make_delivery(run, leaver, DeliveryState.SENT)
    page = signed_in.get(at("report")).text

    assert "100.0% of those it reached" in page


def test_people_are_listed_by_outcome_and_cause(signed_in, at, run, cast):
    make_delivery(run, make_subscriber(cast.workspace, name="Amara"), DeliveryState.SENT)
    gareth = make_subscriber(cast.workspace, name="Gareth")
    make_delivery(
        run, gareth, DeliveryState.FAILED, cause="mailbox_unknown", diagnostic="550 5.1.1"
    )
    failed = signed_in.get(f"{at('people')}?state=failed&cause=mailbox_unknown").text

    assert "Gareth" in failed
    assert "No such mailbox" in failed
    assert "550 5.1.1" in failed
    assert "Amara" not in failed
    assert "Amara" in signed_in.get(at("people")).text


def test_what_was_heard_of_each_mail_since_stands_beside_it(signed_in, at, run, cast):
    bounced = make_delivery(run, make_subscriber(cast.workspace), DeliveryState.SENT)
    make_delivery(run, make_subscriber(cast.workspace), DeliveryState.SENT)
    told = [
        Report(FactKind.DEFERRED, "", event_id="1"),
        Report(FactKind.DEFERRED, "", event_id="2"),
        Report(FactKind.HARD_BOUNCE, "", event_id="3", diagnostic="550 5.1.1 gone <b>for good</b>"),
    ]
    facts.insert_new([(report, bounced) for report in told], "webhook", now())
    db.session.commit()
    page = signed_in.get(at("people")).text

    assert page.count("Deferred, hard bounce") == 1
    assert "550 5.1.1 gone &lt;b&gt;for good&lt;/b&gt;" in page


def test_where_there_were_several_connections_each_person_s_is_named(
    signed_in, at, run, cast, connection
):
    assert "Through" not in signed_in.get(at("people")).text
    other = make_connection(cast.workspace, name="Brevo")
    save(RunRoute(run_id=run.id, connection_id=other.id))
    for carrier, attempt in ((connection, 1), (other, 1), (other, 0)):
        make_delivery(
            run,
            make_subscriber(cast.workspace),
            DeliveryState.SENT if attempt else DeliveryState.SKIPPED,
            connection_id=carrier.id,
            attempt=attempt,
        )

    page = signed_in.get(at("people")).text

    assert page.count("Northpost SMTP") == 1
    assert page.count('<td class="hide-sm">Brevo</td>') == 1


def test_a_deleted_person_still_counts(signed_in, at, run, cast):
    person = make_subscriber(cast.workspace)
    make_delivery(run, person, DeliveryState.SENT)
    db.session.delete(person)
    db.session.commit()

    assert "Deleted since" in signed_in.get(at("people")).text


def test_a_failed_broadcast_says_why(signed_in, at, run, draft):
    draft.status = BroadcastStatus.FAILED
    run.pause_cause, run.pause_words = "letter", "The mail has no sender."
    db.session.commit()
    page = signed_in.get(at("report")).text

    assert "The letter cannot be sent" in page
    assert "The mail has no sender." in page


@pytest.fixture
def run(draft, connection):
    draft.status = BroadcastStatus.COMPLETED
    return make_run(draft, connection, phase=RunPhase.FINISHED, started_at=now(), finished_at=now())
