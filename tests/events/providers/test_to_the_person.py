"""From what a service posts to the person whom it is about: the mark, or the Message-ID, leads to the one delivery."""

import pytest
from sqlalchemy import func, select

from mailrith.connections.models import Provider
from mailrith.content.headers import mark_of
from mailrith.core.db import db
from mailrith.events import applying, recording
from mailrith.events.models import DeliveryFact, FactKind
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.events.providers.cases import MARK, MESSAGE_ID, RECIPIENT, find_all
from tests.support import factories, factories_events
from tests.support.factories_events import make_delivery

CASES = [case for case in find_all() if case.name in set(Provider)]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@EVERY
def test_a_hard_bounce_finds_its_person_once(case, cast):
    connection = factories.make_connection(cast.workspace, provider=Provider(case.name))
    sent = _send(cast.workspace, connection, RECIPIENT)
    other = _send(cast.workspace, connection, "bob@post.example")
    body = _body_about(case, sent)

    for _ in range(2):
        request = recording.record(connection.id, "application/json", body)
        db.session.commit()
        applying.apply(request.id)
        db.session.commit()

    assert _status_of(sent) == SubscriberStatus.BOUNCED
    assert _status_of(other) == SubscriberStatus.ACTIVE
    assert db.session.scalars(select(DeliveryFact.kind)).all() == [FactKind.HARD_BOUNCE]


@EVERY
def test_an_event_about_another_connection_s_message_does_nothing(case, cast):
    provider = Provider(case.name)
    sent = _send(cast.workspace, factories.make_connection(cast.workspace), RECIPIENT)
    foreign = factories.make_connection(cast.workspace, name="Another", provider=provider)
    request = recording.record(foreign.id, "application/json", _body_about(case, sent))
    db.session.commit()

    applying.apply(request.id)
    db.session.commit()

    assert _status_of(sent) == SubscriberStatus.ACTIVE
    assert db.session.scalar(select(func.count()).select_from(DeliveryFact)) == 0


def _send(workspace, connection, email):
    run = factories_events.make_run(workspace, connection)
    return make_delivery(run, factories.make_subscriber(workspace, email=email))


def _body_about(case, sent):
    """The case's post, about this delivery. Marks and ids are plain letters, so they stand in any body as they are."""
    message_id = factories_events.message_id(sent).strip("<>")
    body = case.sign(case.body([case.sample]), case.secrets[0]).body
    return body.replace(MARK.encode(), mark_of(message_id).encode()).replace(
        MESSAGE_ID.encode(), message_id.encode()
    )


def _status_of(sent):
    return db.session.scalar(select(Subscriber.status).where(Subscriber.id == sent.subscriber_id))
