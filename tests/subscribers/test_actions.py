"""Statuses only move one way, whoever asks and in whatever order; nobody who left is made Active."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import actions, links, queries, signals, statuses, timeline
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.models import Consent, Subscriber, SubscriberStatus, TimelineEntry
from mailrith.suppression import queries as suppression
from mailrith.suppression.models import SuppressionReason
from tests.support.factories import make_subscriber
from tests.support.factories_subscribers import PROOF, add

NOT_ACTIVE = [status for status in SubscriberStatus if status != SubscriberStatus.ACTIVE]


def claim(person, delivery_id=7):
    return links.UnsubscribeClaim(person.workspace_id, person.id, person.fingerprint, delivery_id)


def test_added_person_is_active_with_proof_and_first_line_of_history(cast):
    person = add(cast.workspace, "Ada@Readers.Example", "Ada  Lovelace")

    assert person.status == SubscriberStatus.ACTIVE
    assert (person.email, person.name) == ("Ada@readers.example", "Ada Lovelace")
    assert db.session.scalar(select(Consent.source)) == PROOF.source
    assert [line.words for line in timeline.of(person)] == ["Added by Hannah Okafor"]


def test_same_address_in_other_letters_is_the_same_person(cast):
    add(cast.workspace, "ada@readers.example")

    with pytest.raises(Invalid, match="here already, Active") as refusal:
        add(cast.workspace, "ADA@readers.example")
    assert refusal.value.field == "email"


@pytest.mark.parametrize(
    ("email", "words"),
    [("ada", "@ is missing"), ("", "no address"), ("a@b@c.example", "more than one")],
)
def test_bad_address_gets_its_sentence(cast, email, words):
    with pytest.raises(Invalid, match=words):
        add(cast.workspace, email)


def test_name_of_ten_thousand_characters_gets_a_sentence(cast):
    with pytest.raises(Invalid, match="10,000 characters; 200 is the most") as refusal:
        add(cast.workspace, name="x" * 10_000)
    assert refusal.value.field == "name"


def test_consent_in_the_future_is_refused(cast):
    tomorrow = Proof("consent", "sheet", now() + timedelta(days=1))

    with pytest.raises(Invalid, match="future"):
        add(cast.workspace, proof=tomorrow)


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_deleting_and_adding_again_makes_nobody_active(cast, status):
    person = make_subscriber(cast.workspace, status=status)
    email = person.email
    actions.delete(person)
    db.session.commit()

    with pytest.raises(Invalid) as refusal:
        add(cast.workspace, email.upper())
    assert refusal.value.message == statuses.why_not(status)


def test_deleted_person_leaves_a_hash_and_no_address(cast):
    person = make_subscriber(cast.workspace)
    actions.change_status(person, SubscriberStatus.BOUNCED, "550 5.1.1", "bounce")
    fingerprint, number = person.fingerprint, person.id
    actions.delete(person)
    db.session.commit()

    entry = suppression.entry(cast.workspace.id, fingerprint)
    assert entry.email is None
    assert entry.reason == SuppressionReason.BOUNCED
    assert (
        db.session.scalars(select(TimelineEntry).where(TimelineEntry.subscriber_id == number)).all()
        == []
    )


def test_deleted_active_person_may_come_back(cast):
    person = make_subscriber(cast.workspace)
    email = person.email
    actions.delete(person)
    db.session.commit()

    assert add(cast.workspace, email).mailable


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_moving_to_another_address_frees_neither_old_nor_new(cast, status):
    person = make_subscriber(cast.workspace, status=status)
    old = person.email
    actions.edit(cast.workspace, person, email="new@readers.example", name="", by="Hannah")
    db.session.commit()

    assert person.status == status
    with pytest.raises(Invalid):
        add(cast.workspace, old)
    actions.delete(person)
    with pytest.raises(Invalid):
        add(cast.workspace, "new@readers.example")


def test_active_person_cannot_take_an_address_that_wants_no_mail(cast):
    gone = make_subscriber(cast.workspace)
    actions.unsubscribe(claim(gone), "link")
    actions.delete(gone)
    person = make_subscriber(cast.workspace)

    with pytest.raises(Invalid, match="unsubscribed") as refusal:
        actions.edit(cast.workspace, person, email=gone.email, name="", by="Hannah")
    assert refusal.value.field == "email"


def test_capital_letters_of_ones_own_address_may_change(cast):
    person = make_subscriber(cast.workspace, email="ada@readers.example")

    actions.edit(cast.workspace, person, email="Ada@readers.example", name="Ada", by="Hannah")

    assert person.email == "Ada@readers.example"


@pytest.mark.parametrize(
    "order",
    list(
        itertools.permutations(
            (*statuses.BY_HAND, SubscriberStatus.BOUNCED, SubscriberStatus.COMPLAINED), 2
        )
    ),
)
def test_news_in_either_order_ends_in_the_same_status(cast, order):
    ends = set()
    for news in (order, order[::-1]):
        person = make_subscriber(cast.workspace)
        for status in news:
            actions.change_status(person, status, "words", "source")
        ends.add((person.status, suppression.entry(cast.workspace.id, person.fingerprint).reason))

    assert len(ends) == 1


@pytest.mark.parametrize("status", SubscriberStatus)
def test_no_status_leads_back_to_active(status):
    assert SubscriberStatus.ACTIVE not in statuses.ALLOWED[status]
    assert SubscriberStatus.ACTIVE not in statuses.offered(status)


def test_unsubscribe_sets_status_list_and_timeline_and_tells_others(cast):
    person = make_subscriber(cast.workspace)
    heard = []

    def hear(sender, **news):
        heard.append(news)

    with signals.subscriber_unsubscribed.connected_to(hear):
        result = actions.unsubscribe(claim(person), "Pressed the link in “The hungry gap”")

    assert not result.already
    assert result.email == addresses.mask(person.email)
    assert person.status == SubscriberStatus.UNSUBSCRIBED
    assert suppression.entry(cast.workspace.id, person.fingerprint).reason == "unsubscribed"
    assert timeline.of(person)[0].words == "Unsubscribed: Pressed the link in “The hungry gap”"
    assert heard == [
        {"workspace_id": cast.workspace.id, "subscriber_id": person.id, "delivery_id": 7}
    ]


def test_second_press_is_already_done(cast):
    person = make_subscriber(cast.workspace)
    actions.unsubscribe(claim(person), "link")

    assert actions.unsubscribe(claim(person), "link").already
    assert len(timeline.of(person)) == 1


def test_link_works_for_somebody_deleted_and_added_again(cast):
    person = make_subscriber(cast.workspace)
    link, email = claim(person), person.email
    actions.delete(person)
    again = add(cast.workspace, email)
    db.session.commit()

    actions.unsubscribe(link, "link")

    assert again.status == SubscriberStatus.UNSUBSCRIBED


def test_link_of_somebody_deleted_keeps_the_address_away(cast):
    person = make_subscriber(cast.workspace)
    link, email = claim(person), person.email
    actions.delete(person)

    assert actions.unsubscribe(link, "link").email == ""
    with pytest.raises(Invalid, match="unsubscribed"):
        add(cast.workspace, email)


def test_link_in_an_old_mail_unsubscribes_the_person_at_the_new_address(cast):
    person = make_subscriber(cast.workspace)
    link = claim(person)
    actions.edit(cast.workspace, person, email="new@readers.example", name="", by="Hannah")
    db.session.commit()

    actions.unsubscribe(link, "link")

    assert person.status == SubscriberStatus.UNSUBSCRIBED


def test_link_never_touches_somebody_else_with_the_same_number(cast):
    person = make_subscriber(cast.workspace)
    bystander = make_subscriber(cast.workspace)
    foreign = links.UnsubscribeClaim(cast.workspace.id, bystander.id, person.fingerprint, 7)

    actions.unsubscribe(foreign, "link")

    assert bystander.mailable
    assert not person.mailable


def test_link_of_a_deleted_workspace_is_already_done(cast):
    link = links.UnsubscribeClaim(987654, 1, b"f" * 16, 1)

    assert actions.unsubscribe(link, "link").already


def test_asking_writes_nothing(cast):
    person = make_subscriber(cast.workspace)

    assert actions.claimed_email(claim(person)) == (addresses.mask(person.email), False)
    assert person.mailable


def test_hard_bounce_makes_bounced_and_suppressed(cast):
    person = make_subscriber(cast.workspace)

    assert actions.record_hard_bounce(person.id, "550 5.1.1 no such user")

    assert person.status == SubscriberStatus.BOUNCED
    assert person.status_reason == "550 5.1.1 no such user"
    assert suppression.entry(cast.workspace.id, person.fingerprint).reason == "bounced"


def test_bounce_of_an_old_address_leaves_the_person_at_the_new_one_alone(cast):
    person = make_subscriber(cast.workspace)
    old = person.fingerprint
    actions.edit(cast.workspace, person, email="new@readers.example", name="", by="Hannah")

    assert not actions.record_hard_bounce(person.id, "550", fingerprint=old)

    assert person.mailable
    assert suppression.entry(cast.workspace.id, old).reason == "bounced"


def test_complaint_is_stronger_than_everything(cast):
    person = make_subscriber(cast.workspace, status=SubscriberStatus.BOUNCED)

    actions.record_complaint(person.id, "pressed spam")

    assert person.status == SubscriberStatus.COMPLAINED


def test_news_about_somebody_gone_changes_nothing(cast):
    assert not actions.record_complaint(987654, "late news")


def test_stranger_gets_nobody(cast):
    person = make_subscriber(cast.workspace)

    assert queries.get(cast.elsewhere.id, person.public_id) is None
    assert queries.get_by_email(cast.elsewhere.id, person.email) is None
    assert db.session.scalar(select(Subscriber.id)) == person.id
