"""What a server says of an address holds, whatever became of the person meanwhile."""

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.sending import effects
from mailrith.delivery.sending.effects import HardBounce
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.suppression.models import Suppression
from tests.support import factories


def bounce_of(person: Subscriber) -> HardBounce:
    return HardBounce(person.workspace_id, person.id, person.fingerprint, "550 5.1.1 Nobody here")


def test_a_dead_address_is_bounced(session):
    person = factories.make_subscriber(factories.make_workspace())

    effects.record_hard_bounces([bounce_of(person)])

    assert session.get(Subscriber, person.id).status == SubscriberStatus.BOUNCED


def test_somebody_deleted_under_way_does_not_come_back_by_an_import(session):
    person = factories.make_subscriber(factories.make_workspace())
    bounce = bounce_of(person)
    session.delete(person)
    session.commit()

    effects.record_hard_bounces([bounce])

    assert db.session.scalars(select(Suppression.fingerprint)).all() == [bounce.fingerprint]
