"""Soft bounces of one person over weeks: who is Bounced for them, and that the order of the news makes no difference."""

import random
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery
from mailrith.events import applying, soft_bounces
from mailrith.events.models import DeliveryFact, HookRequest
from mailrith.subscribers import actions
from mailrith.subscribers.links import UnsubscribeClaim
from mailrith.subscribers.models import Subscriber, SubscriberStatus, TimelineEntry
from mailrith.suppression import policy
from mailrith.suppression.models import Suppression, SuppressionReason
from mailrith.suppression.policy import SoftBounces
from tests.support import factories
from tests.support.factories_events import event, make_delivery, make_run, store

DAYS = (40, 36, 33, 29, 26)  # ago; five over two weeks


def test_five_in_a_row_over_two_weeks_make_the_person_bounced(mails, apply, person):
    for delivery, ago in zip(mails, DAYS, strict=True):
        assert fresh(person).status == SubscriberStatus.ACTIVE
        apply(soft(delivery, ago))

    assert fresh(person).status == SubscriberStatus.BOUNCED
    assert person.status_reason == soft_bounces.WORDS.format(bounces=5, days=14)
    assert timeline_of(person) == ["bounced"]
    assert db.session.scalar(select(Suppression)) is None


def test_four_leave_the_person_alone(mails, apply, person):
    apply(*(soft(delivery, ago) for delivery, ago in zip(mails[:4], (40, 30, 20, 10), strict=True)))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_a_thousand_in_a_week_leave_the_person_alone(mails, apply, person):
    apply(*(soft(mails[n % 5], 30 + n / 150, id=f"{n}") for n in range(1000)))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_a_delivery_between_them_leaves_the_person_alone(mails, apply, person, run):
    apply(delivered(make_delivery(run(), person), 34))
    apply(*told(mails))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_a_delivery_that_is_reported_late_takes_it_back(mails, apply, person, run):
    between = make_delivery(run(), person)
    apply(*told(mails))
    assert fresh(person).status == SubscriberStatus.BOUNCED

    apply(delivered(between, 34))

    assert fresh(person).status == SubscriberStatus.ACTIVE
    assert person.status_reason == soft_bounces.TAKEN_BACK
    assert not person.soft_bounced


def test_a_delivery_after_the_run_takes_nothing_back(mails, apply, person, run):
    after = make_delivery(run(), person)
    apply(*told(mails))

    apply(delivered(after, 5))

    assert fresh(person).status == SubscriberStatus.BOUNCED


def test_facts_that_are_forgotten_take_nothing_back(mails, apply, person, run):
    apply(*told(mails))
    oldest = select(DeliveryFact.id).order_by(DeliveryFact.occurred_at).limit(2)
    db.session.execute(
        delete(DeliveryFact).where(DeliveryFact.id.in_(list(db.session.scalars(oldest))))
    )
    db.session.commit()

    apply(delivered(make_delivery(run(), person), 5))

    assert fresh(person).status == SubscriberStatus.BOUNCED


def test_bounces_at_an_earlier_address_say_nothing_about_this_one(mails, apply, person, workspace):
    actions.edit(workspace, person, email="new.address@readers.example", name="", by="Alice")
    db.session.commit()

    apply(*told(mails))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_blocks_and_deferrals_never_count(mails, apply, person):
    for kind in ("block", "deferred"):
        apply(*(soft(delivery, ago, kind) for delivery, ago in zip(mails, DAYS, strict=True)))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_the_workspace_says_how_many_and_how_long(mails, apply, person, workspace):
    policy.choose_soft_bounces(workspace, SoftBounces(bounces=3, days=7))
    db.session.commit()

    apply(*told(mails)[:3])

    assert fresh(person).status == SubscriberStatus.BOUNCED


def test_silence_is_a_delivery_where_the_connection_reports_none(mails, apply, person, run):
    quiet = make_delivery(run(), person)
    sent(quiet, 34)

    apply(*told(mails))

    assert fresh(person).status == SubscriberStatus.ACTIVE


def test_silence_is_nothing_where_the_connection_reports_deliveries(
    mails, apply, person, run, workspace
):
    telling = run()
    quiet = make_delivery(telling, person)
    sent(quiet, 34)
    apply(delivered(make_delivery(telling, factories.make_subscriber(workspace)), 34))

    apply(*told(mails))

    assert fresh(person).status == SubscriberStatus.BOUNCED


def test_who_seemed_to_have_got_a_mail_is_weighed_anew_when_deliveries_are_reported_after_all(
    mails, apply, person, run, workspace
):
    silent = run()
    sent(make_delivery(silent, person), 37)
    neighbour = make_delivery(silent, factories.make_subscriber(workspace))
    sent(neighbour, 37)
    apply(*told(mails))
    assert fresh(person).status == SubscriberStatus.ACTIVE

    apply(delivered(neighbour, 37))

    assert fresh(person).status == SubscriberStatus.BOUNCED


def test_a_person_s_own_wish_goes_before_the_guess(mails, apply, person):
    apply(*told(mails))

    actions.unsubscribe(
        UnsubscribeClaim(person.workspace_id, person.id, person.fingerprint, 0), "Their link"
    )
    db.session.commit()

    assert fresh(person).status == SubscriberStatus.UNSUBSCRIBED
    assert db.session.scalar(select(Suppression.reason)) == SuppressionReason.UNSUBSCRIBED


@pytest.mark.parametrize("seed", [1, 4])
def test_the_same_events_in_any_order_end_in_the_same_state(app, workspace, connection, seed):
    """Alike: deliveries, subscribers, suppressions. Times of arrival, and the words of what came first, are left out."""
    chance = random.Random(seed)
    people = [factories.make_subscriber(workspace) for _ in range(12)]
    runs = [make_run(workspace, connection) for _ in range(6)]
    mails = [make_delivery(run, person) for run in runs for person in people]
    for delivery in mails:
        sent(delivery, 70)
    events = [_some_event(chance, delivery, n) for delivery in mails for n in range(2)]
    found = []
    for _ in range(3):
        _begin_again()
        order = [*events, *chance.sample(events, len(events) // 3)]
        chance.shuffle(order)
        while order:
            size = chance.randint(1, 25)
            applying.apply(store(connection, *order[:size]).id)
            db.session.commit()
            order = order[size:]
        found.append(projection())

    assert all(one == found[0] for one in found)
    reached = {(status, guessed) for _, status, guessed in found[0]["subscribers"]}
    assert reached >= {(SubscriberStatus.ACTIVE, False), (SubscriberStatus.BOUNCED, True)}


def test_two_workers_never_miss_each_other_s_facts(app, mails, apply, person, run, connection):
    """One writes the last bounce of a run; the other, before that is committed, a delivery in the middle of it."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("has one writer at a time")
    late = make_delivery(run(), person)
    apply(*told(mails)[:4])
    first = store(connection, told(mails)[4])
    second = store(connection, delivered(late, 34))
    number = second.id

    def work():
        with app.app_context():
            applying.apply(number)
            db.session.commit()

    applying.apply(first.id)  # and holds its turn
    thread = threading.Thread(target=work)
    thread.start()
    _until_somebody_waits()
    db.session.commit()
    thread.join(20)

    assert not thread.is_alive()
    assert fresh(person).status == SubscriberStatus.ACTIVE


def _until_somebody_waits():
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    until = time.monotonic() + 20
    with db.engine.connect() as beside:
        while not beside.scalar(waiting):
            assert time.monotonic() < until


def projection() -> dict[str, list[tuple[object, ...]]]:
    db.session.expire_all()
    of = {
        "deliveries": select(Delivery.id, Delivery.state),
        "subscribers": select(Subscriber.id, Subscriber.status, Subscriber.soft_bounced),
        "suppressions": select(
            Suppression.workspace_id, Suppression.fingerprint, Suppression.reason, Suppression.email
        ),
        "facts": select(DeliveryFact.delivery_id, DeliveryFact.kind),
    }
    return {name: sorted(map(tuple, db.session.execute(query))) for name, query in of.items()}


def _some_event(chance: random.Random, delivery: Delivery, number: int) -> dict[str, object]:
    kind = chance.choices(
        ["soft_bounce", "delivered", "block", "hard_bounce", "complaint", "unsubscribed", "rejected"],
        [70, 8, 8, 2, 2, 2, 3],
    )[0]  # fmt: skip
    words = {"diagnostic": "Bounced Address"} if kind == "rejected" else {}
    return soft(delivery, chance.uniform(1, 60), kind, id=f"{delivery.id}-{number}", **words)


def _begin_again() -> None:
    for model in (DeliveryFact, HookRequest, Suppression, TimelineEntry):
        db.session.execute(delete(model))
    db.session.execute(
        update(Subscriber).values(status=SubscriberStatus.ACTIVE, soft_bounced=False)
    )
    db.session.commit()


def soft(delivery, ago, kind="soft_bounce", **more):
    at = (MOMENT - timedelta(days=ago)).isoformat()
    return event(delivery, kind, occurred_at=at, enhanced_status="4.2.2", **more)


def delivered(delivery, ago):
    return soft(delivery, ago, "delivered")


def told(mails):
    return [soft(delivery, ago) for delivery, ago in zip(mails, DAYS, strict=True)]


def sent(delivery, ago):
    delivery.updated_at = MOMENT - timedelta(days=ago)
    db.session.commit()


def fresh(person):
    db.session.refresh(person)
    return person


def timeline_of(person):
    query = select(TimelineEntry.kind).where(TimelineEntry.subscriber_id == person.id)
    return list(db.session.scalars(query))


MOMENT = now()


@pytest.fixture
def workspace(cast):
    return cast.workspace


@pytest.fixture
def connection(workspace):
    return factories.make_connection(workspace)


@pytest.fixture
def person(workspace):
    return factories.make_subscriber(workspace)


@pytest.fixture
def run(workspace, connection):
    return lambda: make_run(workspace, connection)


@pytest.fixture
def mails(run, person):
    """Five letters to one person."""
    return [make_delivery(run(), person) for _ in range(5)]


@pytest.fixture
def apply(connection):
    def together(*events):
        applying.apply(store(connection, *events).id)
        db.session.commit()

    return together
