"""The list and the drawer: what people see, what they change, and what strangers get."""

import pytest
from flask import url_for
from sqlalchemy import select

from mailrith.core.db import db
from mailrith.subscribers import queries
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.support.cast import sign_in
from tests.support.factories import make_subscriber, make_tag
from tests.support.html import faults

PROOF = {"basis": "consent", "source": "Sign-up sheet", "collected_on": "2026-02-21"}


@pytest.fixture
def at(app, cast):
    def address(endpoint, workspace=None, **values):
        with app.test_request_context():
            return url_for(endpoint, ws=(workspace or cast.workspace).slug, **values)

    return address


@pytest.fixture
def ada(cast):
    return make_subscriber(cast.workspace, email="ada@readers.example", name="Ada Lovelace")


def text(response):
    return response.get_data(as_text=True)


def person(workspace, email="ada@readers.example"):
    db.session.expire_all()
    return queries.get_by_email(workspace.id, email)


def test_empty_workspace_offers_the_next_step(signed_in, at):
    page = text(signed_in.get(at("subscribers.index")))

    assert "Nobody here yet" in page
    assert at("imports.create") in page
    assert faults(page) == []


def test_list_shows_people_with_status_and_tags(signed_in, at, ada, cast):
    make_tag(cast.workspace, "Course", ada)
    make_subscriber(cast.workspace, name="", status=SubscriberStatus.BOUNCED)

    page = text(signed_in.get(at("subscribers.index")))

    assert "Ada Lovelace" in page
    assert "Course" in page
    assert "No name" in page
    assert faults(page) == []


def test_search_answers_htmx_with_the_table_alone(signed_in, at, ada, cast):
    make_subscriber(cast.workspace, name="Somebody Else")

    page = text(signed_in.get(at("subscribers.index", q="LOVE"), headers={"HX-Request": "true"}))

    assert "Ada Lovelace" in page
    assert "Somebody Else" not in page
    assert "<html" not in page


@pytest.mark.parametrize(
    "filters", [{"status": "Nonsense"}, {"tag": "x"}, {"after": "%%%"}, {"q": "\0"}]
)
@pytest.mark.any_database
def test_filters_that_make_no_sense_show_everybody(signed_in, at, ada, filters):
    assert "Ada Lovelace" in text(signed_in.get(at("subscribers.index", **filters)))


def test_more_than_a_page_has_a_next_page(signed_in, at, cast):
    for _ in range(queries.PAGE + 1):
        make_subscriber(cast.workspace)

    page = text(signed_in.get(at("subscribers.index")))

    assert 'rel="next"' in page
    assert f"All {queries.PAGE + 1} that match" in page


def test_drawer_shows_proof_and_history(signed_in, at, cast):
    signed_in.post(
        at("subscribers.add"), data={"email": "ada@readers.example", "name": "Ada"} | PROOF
    )

    page = text(signed_in.get(at("subscribers.show", public_id=person(cast.workspace).public_id)))

    assert "Sign-up sheet" in page
    assert "21 February 2026" in page
    assert "Added by Alice" in page
    assert faults(page) == []


def test_adding_needs_a_proof(signed_in, at, cast):
    answer = signed_in.post(at("subscribers.add"), data={"email": "ada@readers.example"})

    assert answer.status_code == 422
    assert "Say where they agreed" in text(answer)
    assert person(cast.workspace) is None
    assert faults(text(answer)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "ada"}, "The @ is missing"),
        ({"name": "x" * 10_000}, "10,000 characters"),
        ({"new_tag": "x" * 81}, "81 characters"),
        ({"collected_on": "2999-01-01"}, "in the future"),
        ({"collected_on": "tomorrow"}, "valid date"),
        ({"basis": "bought"}, "choice"),
    ],
)
@pytest.mark.any_database
def test_what_does_not_fit_gets_its_sentence_and_nothing_is_lost(
    signed_in, at, cast, changes, words
):
    sent = {"email": "ada@readers.example", "name": "Ada", "new_tag": "Kept"} | PROOF | changes

    answer = signed_in.post(at("subscribers.add"), data=sent)

    assert answer.status_code == 422
    assert words in text(answer)
    assert "Sign-up sheet" in text(answer)
    assert person(cast.workspace) is None


@pytest.mark.parametrize(
    "status", [status for status in SubscriberStatus if status != SubscriberStatus.ACTIVE]
)
@pytest.mark.any_database
def test_adding_somebody_who_left_says_why_not(signed_in, at, cast, ada, status):
    ada.status = status
    db.session.commit()

    answer = signed_in.post(at("subscribers.add"), data={"email": ada.email} | PROOF)

    assert answer.status_code == 422
    assert "here already" in text(answer)
    assert person(cast.workspace).status == status


def test_editing_changes_name_tags_and_status(signed_in, at, cast, ada):
    old = make_tag(cast.workspace, "Old", ada)
    new = make_tag(cast.workspace, "New")
    address = at("subscribers.save", public_id=ada.public_id)

    answer = signed_in.post(
        address,
        data={
            "email": ada.email,
            "name": "Countess",
            "tags": [str(new.public_id)],
            "new_tag": "Fresh",
            "status": "Blocked",
        },
    )

    assert answer.status_code == 303
    found = person(cast.workspace)
    assert (found.name, found.status) == ("Countess", "Blocked")
    names = [tag.name for tag in queries.tags_of(cast.workspace.id, [found.id])[found.id]]
    assert names == ["Fresh", "New"]
    assert old.name not in names


@pytest.mark.parametrize("status", SubscriberStatus)
@pytest.mark.parametrize("wanted", ["Active", "Unconfirmed", "Bounced", "Complained", "nonsense"])
@pytest.mark.any_database
def test_no_form_sets_what_only_the_world_may_set(signed_in, at, cast, ada, status, wanted):
    ada.status = status
    db.session.commit()

    signed_in.post(
        at("subscribers.save", public_id=ada.public_id),
        data={"email": ada.email, "name": ada.name, "status": wanted},
    )

    assert person(cast.workspace).status == status


def test_edit_form_is_filled(signed_in, at, cast, ada):
    has = make_tag(cast.workspace, "Course", ada)
    lacks = make_tag(cast.workspace, "Other")

    page = text(signed_in.get(at("subscribers.edit", public_id=ada.public_id)))

    assert 'value="ada@readers.example"' in page
    assert f'value="{has.public_id}" checked' in page
    assert f'value="{lacks.public_id}" checked' not in page
    assert faults(page) == []


def test_stopping_makes_unsubscribed(signed_in, at, cast, ada):
    signed_in.post(at("subscribers.unsubscribe", public_id=ada.public_id))

    assert person(cast.workspace).status == SubscriberStatus.UNSUBSCRIBED


def test_deleting_asks_and_then_deletes(signed_in, at, cast, ada):
    asked = text(signed_in.get(at("subscribers.confirm_delete", public_id=ada.public_id)))
    signed_in.post(at("subscribers.delete", public_id=ada.public_id))

    assert "Delete Ada Lovelace?" in asked
    assert faults(asked) == []
    assert person(cast.workspace) is None


def test_ticked_people_get_a_tag(signed_in, at, cast, ada):
    bystander = make_subscriber(cast.workspace)

    signed_in.post(
        at("subscriber_bulk.tag"), data={"id": [str(ada.public_id)], "tag_name": "Course"}
    )

    tags = queries.tags_of(cast.workspace.id, [ada.id, bystander.id])
    assert [tag.name for tag in tags[ada.id]] == ["Course"]
    assert tags[bystander.id] == []


def test_everybody_who_matches_loses_a_tag(signed_in, at, cast, ada):
    other = make_subscriber(cast.workspace, name="Bob")
    tag = make_tag(cast.workspace, "Course", ada, other)

    signed_in.post(
        at("subscriber_bulk.untag"), data={"all": "1", "q": "lovelace", "tag_name": "course"}
    )

    assert queries.people_with(tag) == 1


@pytest.mark.parametrize(
    ("action", "name"), [("tag", ""), ("tag", "x" * 81), ("untag", "not there")]
)
def test_tag_that_makes_no_sense_changes_nothing(signed_in, at, cast, ada, action, name):
    answer = signed_in.post(
        at(f"subscriber_bulk.{action}"), data={"id": [str(ada.public_id)], "tag_name": name}
    )

    assert answer.status_code == 303
    assert queries.tags(cast.workspace.id) == []


def test_bulk_delete_asks_first(signed_in, at, cast, ada):
    data = {"id": [str(ada.public_id), "nonsense"]}

    asked = signed_in.post(at("subscriber_bulk.delete"), data=data)
    assert person(cast.workspace) is not None
    assert "Delete 1 person?" in text(asked)
    assert faults(text(asked)) == []

    signed_in.post(at("subscriber_bulk.delete"), data=data | {"confirmed": "1"})
    assert person(cast.workspace) is None


def test_deleting_many_wants_the_number_typed(signed_in, at, cast):
    for _ in range(101):
        make_subscriber(cast.workspace)
    data = {"all": "1", "confirmed": "101"}

    refused = signed_in.post(at("subscriber_bulk.delete"), data=data | {"confirm_count": "100"})
    assert refused.status_code == 422
    assert queries.count(cast.workspace.id, queries.Filter()) == 101

    signed_in.post(at("subscriber_bulk.delete"), data=data | {"confirm_count": "101"})
    assert queries.count(cast.workspace.id, queries.Filter()) == 0


def test_number_agreed_to_is_the_number_deleted(signed_in, at, cast, ada):
    make_subscriber(cast.workspace)

    signed_in.post(at("subscriber_bulk.delete"), data={"all": "1", "confirmed": "1"})

    assert queries.count(cast.workspace.id, queries.Filter()) == 2


ONE = [
    ("GET", "subscribers.show"),
    ("GET", "subscribers.edit"),
    ("POST", "subscribers.save"),
    ("POST", "subscribers.unsubscribe"),
    ("GET", "subscribers.confirm_delete"),
    ("POST", "subscribers.delete"),
]


@pytest.mark.parametrize(("method", "endpoint"), ONE)
@pytest.mark.any_database
def test_stranger_gets_404_in_either_workspace(client, at, cast, ada, method, endpoint):
    sign_in(client, cast.carol)

    for workspace in (cast.workspace, cast.elsewhere):
        address = at(endpoint, workspace, public_id=ada.public_id)
        assert client.open(address, method=method).status_code == 404
    assert person(cast.workspace).status == SubscriberStatus.ACTIVE


@pytest.mark.parametrize("action", ["tag", "untag", "delete"])
def test_stranger_reaches_nobody_in_bulk(client, at, cast, ada, action):
    sign_in(client, cast.carol)
    data = {"id": [str(ada.public_id)], "tag_name": "x", "confirmed": "1"}

    assert client.post(at(f"subscriber_bulk.{action}"), data=data).status_code == 404
    client.post(at(f"subscriber_bulk.{action}", cast.elsewhere), data=data)

    found = person(cast.workspace)
    assert queries.tags_of(cast.workspace.id, [found.id]) == {found.id: []}


def test_stranger_filters_by_no_foreign_tag(client, at, cast, ada):
    tag = make_tag(cast.workspace, "Secret", ada)
    make_subscriber(cast.elsewhere, name="Mine")
    sign_in(client, cast.carol)

    page = text(client.get(at("subscribers.index", cast.elsewhere, tag=tag.public_id)))

    assert "Secret" not in page
    assert "Mine" in page


CHANGES = [
    ("GET", "subscribers.create"),
    ("POST", "subscribers.add"),
    ("POST", "subscriber_bulk.tag"),
    ("POST", "subscriber_bulk.untag"),
    ("POST", "subscriber_bulk.delete"),
]


@pytest.mark.parametrize(("method", "endpoint"), CHANGES)
@pytest.mark.any_database
def test_member_who_may_only_look_changes_nothing(client, at, cast, ada, method, endpoint):
    sign_in(client, cast.bob)

    assert client.open(at(endpoint), method=method).status_code == 403
    assert db.session.scalar(select(Subscriber.id)) == ada.id


def test_member_who_may_only_look_sees_no_buttons(client, at, cast, ada):
    sign_in(client, cast.bob)

    page = text(client.get(at("subscribers.show", public_id=ada.public_id)))

    assert "Ada Lovelace" in page
    assert at("subscribers.create") not in page
    assert "Delete" not in page
    assert faults(page) == []
