"""What stored requests do: once, in any order, and only to messages of their connection."""

import itertools

import pytest
from sqlalchemy import func, select

from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState
from mailrith.delivery.sending import message_ids
from mailrith.events import applying
from mailrith.events.models import DeliveryFact, FactKind, HookRequest, HookRequestState
from mailrith.subscribers.models import Subscriber, SubscriberStatus, TimelineEntry
from mailrith.suppression.models import Suppression, SuppressionReason
from tests.support import factories, factories_events
from tests.support.factories_events import event, make_delivery, message_id, store


def test_a_hard_bounce_makes_the_person_bounced_and_suppressed(sent, connection):
    apply(store(connection, event(sent, "hard_bounce", diagnostic="550 5.1.1 no such user")))

    assert status_of(sent) == SubscriberStatus.BOUNCED
    assert reason_for(sent) == SuppressionReason.BOUNCED
    assert kinds_of(sent) == [FactKind.HARD_BOUNCE]


def test_a_complaint_makes_the_person_complained_and_suppressed(sent, connection):
    apply(store(connection, event(sent, "complaint")))

    assert status_of(sent) == SubscriberStatus.COMPLAINED
    assert reason_for(sent) == SuppressionReason.COMPLAINED


def test_an_unsubscribe_at_the_provider_unsubscribes_here(sent, connection):
    apply(store(connection, event(sent, "unsubscribed")))

    assert status_of(sent) == SubscriberStatus.UNSUBSCRIBED
    assert reason_for(sent) == SuppressionReason.UNSUBSCRIBED
    assert kinds_of(sent) == [FactKind.UNSUBSCRIBED]


@pytest.mark.parametrize("kind", ["delivered", "deferred", "soft_bounce", "block"])
def test_what_is_not_about_the_person_changes_nobody(sent, connection, kind):
    apply(store(connection, event(sent, kind, enhanced_status="5.7.1")))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    assert reason_for(sent) is None
    assert kinds_of(sent) == [FactKind(kind)]


def test_the_wire_s_word_is_never_rewritten(sent, connection):
    apply(store(connection, event(sent, "hard_bounce")))

    db.session.refresh(sent)
    assert sent.state == DeliveryState.SENT


def test_a_request_is_applied_once_however_often_its_job_runs(sent, connection):
    request = store(connection, event(sent))

    assert apply(request) is True
    assert apply(request) is False
    assert len(kinds_of(sent)) == 1


@pytest.mark.parametrize("detail", [{"id": "ev-1"}, {"occurred_at": "2026-05-06T07:08:09Z"}, {}])
def test_the_same_event_told_again_changes_nothing(sent, connection, detail):
    for _ in range(20):
        apply(store(connection, event(sent, "hard_bounce", **detail), event(sent, **detail)))

    assert len(kinds_of(sent)) == 1
    assert timeline_of(sent).count("bounced") == 1
    assert last_request().results[0]["outcome"] == "repeated"


def test_events_of_one_id_and_two_kinds_are_two_facts(sent, connection):
    apply(store(connection, event(sent, "delivered", id="m"), event(sent, "complaint", id="m")))

    assert sorted(kinds_of(sent)) == [FactKind.COMPLAINT, FactKind.DELIVERED]
    assert status_of(sent) == SubscriberStatus.COMPLAINED


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["hard_bounce", "complaint", "unsubscribed"]))
)
def test_every_order_ends_in_the_same_state(sent, connection, order):
    for kind in order:
        apply(store(connection, event(sent, kind, id=kind)))

    assert status_of(sent) == SubscriberStatus.COMPLAINED
    assert reason_for(sent) == SuppressionReason.COMPLAINED
    assert len(kinds_of(sent)) == 3


def test_a_message_of_another_connection_is_as_good_as_unknown(sent, workspace):
    other = factories.make_connection(workspace, name="Another")

    apply(store(other, event(sent, "complaint")))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    assert last_request().state == HookRequestState.IGNORED
    assert last_request().results[0]["words"] == applying.UNKNOWN


def test_a_connection_of_one_account_cannot_touch_another_s_people(sent, cast):
    foreign = factories.make_connection(cast.elsewhere)
    same_address = factories.make_subscriber(cast.elsewhere, email=sent.email)

    apply(store(foreign, event(sent, "complaint", recipient=sent.email)))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    db.session.refresh(same_address)
    assert same_address.status == SubscriberStatus.ACTIVE


def test_the_same_address_in_another_workspace_stays_subscribed(sent, connection, cast):
    neighbour = factories.make_workspace(cast.alice)
    same_address = factories.make_subscriber(neighbour, email=sent.email)

    apply(store(connection, event(sent, "hard_bounce", recipient=sent.email)))

    db.session.refresh(same_address)
    assert same_address.status == SubscriberStatus.ACTIVE
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 1


@pytest.mark.parametrize(
    "wrong", ["<nobody@post.example>", "", "<1.1.k1.00000000000000000000@post.example>", "x" * 900]
)
def test_unknown_message_ids_change_nobody(sent, connection, wrong):
    apply(store(connection, {"event": "complaint", "message_id": wrong, "recipient": sent.email}))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    assert last_request().state == HookRequestState.IGNORED


def test_a_guessed_message_id_touches_nobody(sent, connection):
    right = message_id(sent)
    guessed = right.replace(right.split(".")[3][:4], "ffff")

    apply(store(connection, {"event": "complaint", "message_id": guessed}))

    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_a_number_that_another_delivery_got_since_touches_nobody(sent, workspace, connection):
    earlier = factories_events.make_run(workspace, connection)
    old = f"<{message_ids.make(earlier.public_id, sent.id, 'post.example')}>"

    apply(store(connection, {"event": "complaint", "message_id": old}))

    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_a_recipient_who_is_not_the_message_s_changes_nobody(sent, connection):
    apply(store(connection, event(sent, "hard_bounce", recipient="behind@list.example")))

    assert status_of(sent) == SubscriberStatus.ACTIVE
    assert last_request().results[0]["words"] == applying.OTHER_PERSON


def test_the_recipient_s_case_does_not_matter(sent, connection):
    apply(store(connection, event(sent, "hard_bounce", recipient=sent.email.upper())))

    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_one_bad_item_does_not_spoil_the_others(sent, connection):
    apply(store(connection, 5, {"event": "opened"}, event(sent), {"event": ["x"]}))

    assert status_of(sent) == SubscriberStatus.BOUNCED
    assert [result["outcome"] for result in last_request().results] == [
        "refused",
        "ignored",
        "applied",
        "refused",
    ]


def test_a_thousand_events_are_applied_at_once(workspace, connection, run):
    people = [make_delivery(run, factories.make_subscriber(workspace)) for _ in range(20)]
    events = [event(delivery, "delivered", id=f"{n}") for delivery in people for n in range(50)]

    apply(store(connection, *events))

    assert db.session.scalar(select(func.count()).select_from(DeliveryFact)) == 1000


def test_a_person_who_was_deleted_stays_suppressed(sent, connection):
    db.session.delete(db.session.get_one(Subscriber, sent.subscriber_id))
    db.session.commit()
    db.session.expire_all()

    apply(store(connection, event(sent, "complaint")))

    assert reason_for(sent) == SuppressionReason.COMPLAINED


def test_a_person_deleted_and_added_again_is_bounced(sent, workspace, connection):
    db.session.delete(db.session.get_one(Subscriber, sent.subscriber_id))
    db.session.commit()
    again = factories.make_subscriber(workspace, email=sent.email)

    apply(store(connection, event(sent, "hard_bounce")))

    db.session.refresh(again)
    assert again.status == SubscriberStatus.BOUNCED


@pytest.mark.parametrize("kind", ["delivered", "hard_bounce", "deferred", "complaint"])
def test_any_word_about_a_message_settles_its_doubt(run, workspace, connection, kind):
    doubted = make_delivery(
        run, factories.make_subscriber(workspace), state=DeliveryState.IN_DOUBT, connection_id=None
    )

    apply(store(connection, event(doubted, kind)))

    db.session.refresh(doubted)
    assert doubted.state == DeliveryState.SENT


def test_words_about_another_message_leave_the_doubt(run, workspace, connection, sent):
    doubted = make_delivery(run, factories.make_subscriber(workspace), state=DeliveryState.IN_DOUBT)

    apply(store(connection, event(sent, "delivered", recipient=doubted.email)))

    db.session.refresh(doubted)
    assert doubted.state == DeliveryState.IN_DOUBT


def test_a_time_in_the_future_becomes_the_time_of_arrival(sent, connection):
    apply(store(connection, event(sent, "delivered", occurred_at="2999-01-01T00:00:00Z")))

    fact = db.session.scalars(select(DeliveryFact)).one()
    assert fact.occurred_at == last_request().received_at


def apply(request: HookRequest) -> bool:
    done = applying.apply(request.id)
    db.session.commit()
    return done


def status_of(delivery) -> SubscriberStatus:
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status


def reason_for(delivery) -> SuppressionReason | None:
    return db.session.scalar(
        select(Suppression.reason).where(
            Suppression.workspace_id == delivery.workspace_id,
            Suppression.fingerprint == delivery.fingerprint,
        )
    )


def kinds_of(delivery) -> list[str]:
    return list(
        db.session.scalars(select(DeliveryFact.kind).where(DeliveryFact.delivery_id == delivery.id))
    )


def timeline_of(delivery) -> list[str]:
    return list(
        db.session.scalars(
            select(TimelineEntry.kind).where(TimelineEntry.subscriber_id == delivery.subscriber_id)
        )
    )


def last_request() -> HookRequest:
    return db.session.scalars(select(HookRequest).order_by(HookRequest.id.desc()).limit(1)).one()


@pytest.fixture
def workspace(cast):
    return cast.workspace


@pytest.fixture
def connection(workspace):
    return factories.make_connection(workspace)


@pytest.fixture
def run(workspace, connection):
    return factories_events.make_run(workspace, connection)


@pytest.fixture
def sent(workspace, run):
    """A message that one person got."""
    return make_delivery(run, factories.make_subscriber(workspace))
