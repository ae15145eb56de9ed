"""The list of tags and the drawer of one."""

import pytest
from flask import url_for

from mailrith.core.db import db
from mailrith.subscribers import queries, tagging
from tests.support.cast import sign_in
from tests.support.factories import make_subscriber, make_tag
from tests.support.factories_broadcasts import make_broadcast
from tests.support.html import faults


@pytest.fixture
def at(app, cast):
    def address(endpoint, workspace=None, **values):
        with app.test_request_context():
            return url_for(endpoint, ws=(workspace or cast.workspace).slug, **values)

    return address


@pytest.fixture
def course(cast):
    return make_tag(cast.workspace, "Course", make_subscriber(cast.workspace))


def text(response):
    return response.get_data(as_text=True)


def names(workspace):
    db.session.expire_all()
    return [tag.name for tag in queries.tags(workspace.id)]


def test_empty_list_says_what_tags_are_for(signed_in, at):
    page = text(signed_in.get(at("tags.index")))

    assert "No tags yet" in page
    assert faults(page) == []


def test_list_shows_names_and_counts(signed_in, at, course):
    page = text(signed_in.get(at("tags.index")))

    assert "Course" in page
    assert at("subscribers.index", tag=course.public_id) in page
    assert faults(page) == []


def test_new_tag_is_created(signed_in, at, cast):
    assert faults(text(signed_in.get(at("tags.create")))) == []

    signed_in.post(at("tags.add"), data={"name": "Hackney", "description": "Local"})

    assert names(cast.workspace) == ["Hackney"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "a name"), ("COURSE", "“Course” already"), ("x" * 10_000, "10,000 characters")],
)
def test_bad_name_gets_its_sentence(signed_in, at, cast, course, name, words):
    other = make_tag(cast.workspace, "Other")

    for answer in (
        signed_in.post(at("tags.add"), data={"name": name}),
        signed_in.post(at("tags.save", public_id=other.public_id), data={"name": name}),
    ):
        assert answer.status_code == 422
        assert words in text(answer)
        assert faults(text(answer)) == []
    assert names(cast.workspace) == ["Course", "Other"]


def test_renaming_keeps_the_people(signed_in, at, cast, course):
    assert "Course" in text(signed_in.get(at("tags.edit", public_id=course.public_id)))

    signed_in.post(at("tags.save", public_id=course.public_id), data={"name": "Class"})

    assert names(cast.workspace) == ["Class"]
    assert queries.people_with(course) == 1


def test_deleting_says_how_many_lose_it(signed_in, at, cast, course):
    asked = text(signed_in.get(at("tags.confirm_delete", public_id=course.public_id)))
    signed_in.post(at("tags.delete", public_id=course.public_id))

    assert "1 person loses it" in asked
    assert faults(asked) == []
    assert names(cast.workspace) == []
    assert queries.count(cast.workspace.id, queries.Filter()) == 1


def test_tag_in_use_is_kept_and_its_uses_are_named(signed_in, at, cast, course, monkeypatch):
    monkeypatch.setattr(tagging, "_uses", [lambda workspace_id, tag_id: ["The hungry gap"]])

    answer = signed_in.post(at("tags.delete", public_id=course.public_id), follow_redirects=True)

    assert "The hungry gap" in text(answer)
    assert faults(text(answer)) == []
    assert names(cast.workspace) == ["Course"]


@pytest.mark.parametrize("place", ["with_tags", "without_tags"])
def test_draft_that_names_the_tag_keeps_it(signed_in, at, cast, course, place):
    audience = {"mode": "tags", "with_tags": [], "without_tags": []} | {place: [course.id]}
    make_broadcast(cast.workspace, audience=audience)

    answer = signed_in.post(at("tags.delete", public_id=course.public_id), follow_redirects=True)

    assert "the draft “The hungry gap”" in text(answer)
    assert names(cast.workspace) == ["Course"]


ONE = [
    ("GET", "tags.edit"),
    ("POST", "tags.save"),
    ("GET", "tags.confirm_delete"),
    ("POST", "tags.delete"),
]


@pytest.mark.parametrize(("method", "endpoint"), ONE)
@pytest.mark.any_database
def test_stranger_gets_404_in_either_workspace(client, at, cast, course, method, endpoint):
    sign_in(client, cast.carol)

    for workspace in (cast.workspace, cast.elsewhere):
        address = at(endpoint, workspace, public_id=course.public_id)
        assert client.open(address, method=method).status_code == 404
    assert names(cast.workspace) == ["Course"]


def test_member_who_may_only_look_sees_but_changes_nothing(client, at, cast, course):
    sign_in(client, cast.bob)

    assert "Course" in text(client.get(at("tags.edit", public_id=course.public_id)))
    assert client.post(at("tags.delete", public_id=course.public_id)).status_code == 403
