"""Tag names are unique however they are written, and a tag in use is not deleted."""

import pytest

from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.subscribers import queries, tagging
from tests.support.factories import make_subscriber, make_tag


def test_names_are_unique_however_they_are_written(cast):
    tagging.create(cast.workspace.id, name="Straße")

    with pytest.raises(Invalid, match="“Straße” already"):
        tagging.create(cast.workspace.id, name=" STRASSE ")


@pytest.mark.parametrize(
    ("name", "words"), [("", "a name"), (" \t\n", "a name"), ("x" * 10_000, "10,000 characters")]
)
def test_bad_name_gets_its_sentence(cast, name, words):
    with pytest.raises(Invalid, match=words):
        tagging.create(cast.workspace.id, name=name)


def test_renaming_keeps_the_people(cast):
    tag = make_tag(cast.workspace, "Course", make_subscriber(cast.workspace))

    tagging.edit(tag, name="course", description="Bought it")
    db.session.commit()

    assert queries.tags_with_counts(cast.workspace.id) == [(tag, 1)]
    assert tag.name == "course"


def test_deleting_takes_it_from_everybody(cast):
    person = make_subscriber(cast.workspace)
    tagging.delete(make_tag(cast.workspace, "Course", person))
    db.session.commit()

    assert queries.tags_of(cast.workspace.id, [person.id]) == {person.id: []}


def test_tag_that_is_in_use_is_not_deleted(cast, monkeypatch):
    monkeypatch.setattr(tagging, "_uses", [])
    tagging.register_use(lambda workspace_id, tag_id: ["the draft “The hungry gap”"])

    with pytest.raises(Conflict, match="The hungry gap"):
        tagging.delete(make_tag(cast.workspace, "Course"))


def test_person_gets_exactly_the_tags_chosen(cast):
    person = make_subscriber(cast.workspace)
    old, kept = make_tag(cast.workspace, "old", person), make_tag(cast.workspace, "kept", person)
    new = make_tag(cast.workspace, "new")
    foreign = make_tag(cast.elsewhere, "foreign")

    tagging.set_tags(person, [kept.id, new.id, foreign.id])

    assert queries.tags_of(cast.workspace.id, [person.id])[person.id] == [kept, new]
    assert old not in queries.tags_of(cast.workspace.id, [person.id])[person.id]
