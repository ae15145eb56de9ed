"""Actions on many people do to each what the same action on one does."""

import pytest
from sqlalchemy import select

from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import bulk, queries, timeline
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.suppression import queries as suppression
from tests.support.factories import make_subscriber, make_tag
from tests.support.factories_subscribers import add


def everybody(workspace):
    return queries.matching(workspace.id, queries.Filter())


def test_tagging_counts_those_who_did_not_have_it(cast):
    has, has_not = make_subscriber(cast.workspace), make_subscriber(cast.workspace)
    tag = make_tag(cast.workspace, "Course", has)

    assert bulk.tag(cast.workspace.id, everybody(cast.workspace), tag) == 1
    assert timeline.of(has) == []
    assert [line.words for line in timeline.of(has_not)] == ["Got the tag Course"]


def test_untagging_those_who_match_the_tag_itself(cast):
    people = [make_subscriber(cast.workspace) for _ in range(3)]
    tag = make_tag(cast.workspace, "Course", *people[:2])
    matching = queries.matching(cast.workspace.id, queries.Filter(tag_id=tag.id))

    assert bulk.untag(cast.workspace.id, matching, tag) == 2
    assert queries.people_with(tag) == 0


def test_bulk_delete_remembers_who_was_not_active(cast):
    gone = make_subscriber(cast.workspace, status=SubscriberStatus.UNSUBSCRIBED)
    active = make_subscriber(cast.workspace)
    emails = gone.email, active.email

    assert bulk.delete(cast.workspace.id, everybody(cast.workspace)) == 2
    db.session.expunge_all()

    with pytest.raises(Invalid):
        add(cast.workspace, emails[0])
    assert add(cast.workspace, emails[1]).mailable


def test_stronger_reason_survives_a_bulk_delete(cast):
    person = make_subscriber(cast.workspace, status=SubscriberStatus.UNSUBSCRIBED)
    from mailrith.suppression.actions import suppress

    suppress(cast.workspace.id, person.fingerprint, person.email, "complained", "spam")
    bulk.delete(cast.workspace.id, everybody(cast.workspace))

    kept = suppression.entry(cast.workspace.id, person.fingerprint)
    assert (kept.reason, kept.email) == ("complained", None)


def test_people_of_another_workspace_stay(cast):
    stranger = make_subscriber(cast.elsewhere)

    bulk.delete(cast.workspace.id, queries.picked(cast.workspace.id, [stranger.public_id]))
    bulk.delete(cast.workspace.id, everybody(cast.workspace))

    assert db.session.scalar(select(Subscriber.id)) == stranger.id
