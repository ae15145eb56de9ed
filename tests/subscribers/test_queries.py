"""The list finds people by the beginning of address or name anywhere, and by any part among the newest."""

import pytest

from mailrith.core.db import db
from mailrith.subscribers import queries
from mailrith.subscribers.models import SubscriberStatus
from mailrith.subscribers.queries import Filter
from tests.support.factories import make_subscriber, make_tag


def found(workspace, **wanted):
    return [person.name for person in queries.search(workspace.id, Filter(**wanted)).items]


@pytest.fixture(autouse=True)
def people(cast):
    make_subscriber(cast.workspace, email="luis.fig@correio.example", name="Luís Figueiredo")
    make_subscriber(cast.workspace, email="oona_v@saimaa.example", name="Oona 100% Virtanen")
    make_subscriber(
        cast.workspace, email="b@b.example", name="Bea", status=SubscriberStatus.BOUNCED
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("LUÍS", ["Luís Figueiredo"]),
        ("figue", ["Luís Figueiredo"]),
        ("correio", ["Luís Figueiredo"]),
        ("oona_", ["Oona 100% Virtanen"]),
        ("00%", ["Oona 100% Virtanen"]),
        ("%", ["Oona 100% Virtanen"]),
        ("_", ["Oona 100% Virtanen"]),
        ("'; DROP TABLE subscribers; --", []),
        ("nobody", []),
        ("  ", ["Bea", "Oona 100% Virtanen", "Luís Figueiredo"]),
    ],
)
def test_search_finds_by_name_or_address(cast, text, names):
    assert found(cast.workspace, text=text) == names


def test_beginnings_are_found_beyond_the_newest(cast, monkeypatch):
    monkeypatch.setattr(queries, "CONTAINS_WITHIN", 1)

    assert found(cast.workspace, text="luís") == ["Luís Figueiredo"]
    assert found(cast.workspace, text="figueiredo") == []


def test_words_that_very_many_have_are_not_counted_to_the_end(cast, monkeypatch):
    monkeypatch.setattr(queries, "FOUND", 2)

    assert queries.count(cast.workspace.id, Filter(text="example")) is None
    assert queries.count(cast.workspace.id, Filter(text="luís")) == 1
    assert queries.count_where(queries.matching(cast.workspace.id, Filter(text="example"))) == 3


@pytest.mark.parametrize("common", [0, 20_000])
def test_tag_of_many_finds_the_same_people(cast, monkeypatch, common):
    monkeypatch.setattr(queries, "COMMON", common)
    bea = queries.get_by_email(cast.workspace.id, "b@b.example")
    tag = make_tag(cast.workspace, "Course", bea)

    assert found(cast.workspace, tag_id=tag.id) == ["Bea"]
    assert queries.count(cast.workspace.id, Filter(tag_id=tag.id)) == 1


def test_status_and_tag_narrow_the_list(cast):
    bea = queries.get_by_email(cast.workspace.id, "B@b.example")
    tag = make_tag(cast.workspace, "Course", bea)

    assert found(cast.workspace, status=SubscriberStatus.BOUNCED) == ["Bea"]
    assert found(cast.workspace, tag_id=tag.id) == ["Bea"]
    assert found(cast.workspace, tag_id=tag.id, status=SubscriberStatus.ACTIVE) == []


def test_counts_have_every_status(cast):
    counts = queries.counts_by_status(cast.workspace.id)

    assert counts[SubscriberStatus.ACTIVE] == 2
    assert counts[SubscriberStatus.BLOCKED] == 0
    assert sum(counts.values()) == queries.count(cast.workspace.id, Filter())


def test_pages_follow_each_other_without_gaps(cast):
    first = queries.search(cast.workspace.id, Filter(), size=2)
    second = queries.search(cast.workspace.id, Filter(), size=2, after=first.after)
    back = queries.search(cast.workspace.id, Filter(), size=2, before=second.before)

    assert [p.name for p in first.items] == [p.name for p in back.items]
    assert [p.name for p in second.items] == ["Luís Figueiredo"]
    assert second.after is None


def test_stranger_finds_and_counts_nobody(cast):
    tag = make_tag(cast.workspace, "Course", queries.get_by_email(cast.workspace.id, "b@b.example"))
    db.session.commit()

    assert found(cast.elsewhere, text="bea") == []
    assert queries.palette_search(cast.elsewhere.id, "b") == []
    assert queries.get_tag(cast.elsewhere.id, tag.public_id) is None
    assert queries.tags_with_counts(cast.elsewhere.id) == []
    assert found(cast.elsewhere, tag_id=tag.id) == []
