"""An audience is a sum that adds up, reaches nobody by default, and is never widened by what disappears."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailrith.core.db import db
from mailrith.subscribers import audience
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression.actions import suppress
from mailrith.suppression.models import SuppressionReason
from tests.support.factories import make_subscriber, make_tag


def emails(workspace, chosen):
    return {row.email for row in db.session.execute(audience.members(workspace.id, chosen))}


def add_up(found):
    return found.chosen - found.excluded - sum(found.left_out.values()) == found.total


def test_empty_audience_reaches_nobody(cast):
    make_subscriber(cast.workspace)

    assert audience.count(cast.workspace.id, Audience()).total == 0
    assert emails(cast.workspace, Audience()) == set()
    assert emails(cast.workspace, Audience("tags")) == set()


@pytest.mark.parametrize("stored", [{}, {"mode": "all"}, {"mode": None}, {"with_tags": [1]}])
def test_what_was_not_stored_by_us_reaches_nobody(stored):
    assert Audience.from_json(stored).reaches_nobody


def test_stored_form_comes_back_the_same():
    chosen = Audience("tags", (1, 2), (3,))

    assert Audience.from_json(chosen.to_json()) == chosen


def test_every_status_but_active_has_its_row(cast, people):
    found = audience.count(cast.workspace.id, Audience("everyone"))

    assert found.chosen == 7
    assert found.left_out == {
        "Unconfirmed": 1,
        "Unsubscribed": 1,
        "Complained": 1,
        "Bounced": 1,
        "Blocked": 1,
        "Suppressed": 1,
    }
    assert found.total == 1
    assert add_up(found)


def test_members_are_those_that_were_counted(cast, people):
    assert emails(cast.workspace, Audience("everyone")) == {people["Active"].email}


def test_person_with_two_chosen_tags_counts_once(cast):
    person = make_subscriber(cast.workspace)
    tags = tuple(make_tag(cast.workspace, name, person).id for name in ("a", "b"))

    assert audience.count(cast.workspace.id, Audience("tags", tags)).total == 1


def test_excluded_people_are_taken_off_once(cast):
    kept, gone = make_subscriber(cast.workspace), make_subscriber(cast.workspace)
    out = make_tag(cast.workspace, "out", gone)
    also = make_tag(cast.workspace, "also", gone)

    found = audience.count(cast.workspace.id, Audience("everyone", (), (out.id, also.id)))

    assert (found.chosen, found.excluded, found.total) == (2, 1, 1)
    assert emails(cast.workspace, Audience("everyone", (), (out.id,))) == {kept.email}


def test_deleted_tag_among_those_chosen_adds_nobody(cast):
    make_subscriber(cast.workspace)
    tag = make_tag(cast.workspace, "gone")
    chosen = Audience("tags", (tag.id,))
    db.session.delete(tag)
    db.session.commit()

    assert audience.count(cast.workspace.id, chosen).total == 0
    assert audience.missing_tags(cast.workspace.id, chosen) == (tag.id,)


def test_deleted_tag_among_those_excluded_stops_everybody(cast):
    kept_out = make_subscriber(cast.workspace)
    tag = make_tag(cast.workspace, "never", kept_out)
    chosen = Audience("everyone", (), (tag.id,))
    db.session.delete(tag)
    db.session.commit()

    found = audience.count(cast.workspace.id, chosen)

    assert found.total == 0
    assert add_up(found)
    assert emails(cast.workspace, chosen) == set()


def test_number_of_a_deleted_tag_is_never_given_again(cast):
    old = make_tag(cast.workspace, "old")
    number = old.id
    db.session.delete(old)
    db.session.commit()

    assert make_tag(cast.workspace, "new").id != number


def test_tag_of_another_workspace_reaches_nobody(cast):
    stranger = make_subscriber(cast.elsewhere)
    tag = make_tag(cast.elsewhere, "theirs", stranger)
    make_subscriber(cast.workspace)

    assert audience.count(cast.workspace.id, Audience("tags", (tag.id,))).chosen == 0


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(SubscriberStatus)), st.booleans(), st.booleans(), st.booleans()
        ),
        max_size=6,
    )
)
def test_sum_always_adds_up_and_equals_the_members(cast, drawn):
    from tests.support.factories import make_workspace

    workspace = make_workspace(cast.alice)
    wanted, unwanted = make_tag(workspace, "in"), make_tag(workspace, "out")
    for status, suppressed, has, lacks in drawn:
        person = make_subscriber(workspace, status=status)
        if suppressed:
            suppress(workspace.id, person.fingerprint, None, SuppressionReason.MANUAL, "test")
        give(person, *([wanted] if has else []), *([unwanted] if lacks else []))
    for chosen in (
        Audience("everyone"),
        Audience("everyone", (), (unwanted.id,)),
        Audience("tags", (wanted.id,), (unwanted.id,)),
    ):
        found = audience.count(workspace.id, chosen)
        assert add_up(found)
        assert found.total == len(emails(workspace, chosen))


def give(person, *tags):
    from mailrith.subscribers.models import SubscriberTag

    for tag in tags:
        db.session.add(SubscriberTag(tag_id=tag.id, subscriber_id=person.id))
    db.session.flush()


@pytest.fixture
def people(cast):
    made = {
        str(status): make_subscriber(cast.workspace, status=status) for status in SubscriberStatus
    }
    asked_never = make_subscriber(cast.workspace)
    suppress(
        cast.workspace.id,
        asked_never.fingerprint,
        None,
        SuppressionReason.MANUAL,
        "asked by letter",
    )
    db.session.commit()
    return made
