"""Step 2: whom, through what, when."""

from datetime import UTC, datetime

import pytest

from mailrith.core.db import db
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import SubscriberStatus
from tests.support.factories import make_connection, make_subscriber, make_tag, save
from tests.web.broadcasts.conftest import HTMX


def plan(**changes):
    return {"version": 1, "when": "now", "reply_to_email": ""} | changes


def test_nobody_is_chosen_at_first(signed_in, at, draft):
    draft.audience = Audience().to_json()
    save(draft)
    page = signed_in.get(at("audience")).text

    assert "Nobody chosen yet" in page
    assert 'value="everyone" checked' not in page
    assert 'value="tags" checked' not in page


def test_saying_nothing_reaches_nobody(signed_in, at, draft):
    signed_in.post(at("audience"), data=plan())
    db.session.refresh(draft)

    assert Audience.from_json(draft.audience).reaches_nobody


def test_everyone_is_a_choice(signed_in, at, draft):
    answer = signed_in.post(at("audience"), data=plan(mode="everyone"))
    db.session.refresh(draft)

    assert answer.location.endswith("/review")
    assert draft.audience["mode"] == "everyone"


def test_every_change_answers_the_new_sum(signed_in, at, draft, cast, reader):
    make_subscriber(cast.workspace, status=SubscriberStatus.UNSUBSCRIBED)
    answer = signed_in.post(at("audience"), data=plan(mode="everyone"), headers=HTMX)

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Unsubscribed" in answer.text
    assert 'id="version" value="2"' in answer.text
    assert "Saved" in answer.text


def test_tags_are_chosen_and_left_out(signed_in, at, draft, cast, reader):
    weekly = make_tag(cast.workspace, "Weekly", reader)
    course = make_tag(cast.workspace, "Course")
    data = plan(mode="tags", with_tags=[weekly.public_id], without_tags=[course.public_id])
    signed_in.post(at("audience"), data=data)
    db.session.refresh(draft)

    assert Audience.from_json(draft.audience) == Audience("tags", (weekly.id,), (course.id,))


def test_a_tag_of_another_workspace_is_not_chosen(signed_in, at, draft, cast):
    theirs = make_tag(cast.elsewhere, "Theirs")
    before = draft.audience
    answer = signed_in.post(at("audience"), data=plan(with_tags=[theirs.public_id]))
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert draft.audience == before


def test_a_connection_of_another_workspace_is_not_chosen(signed_in, at, draft, cast, connection):
    theirs = make_connection(cast.elsewhere)
    answer = signed_in.post(at("audience"), data=plan(connection=theirs.public_id))
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert draft.connection_id == connection.id


def test_without_a_connection_the_page_says_where_to_get_one(signed_in, at, draft, connection):
    draft.connection_id = None
    connection.deleted_at = datetime(2026, 1, 1, tzinfo=UTC)
    save(draft)

    assert "There is no delivery connection yet" in signed_in.get(at("audience")).text


def test_a_time_is_the_workspaces_own(signed_in, at, draft):
    signed_in.post(at("audience"), data=later("2031-07-01", "07:00"))
    db.session.refresh(draft)

    assert draft.scheduled_at == datetime(2031, 7, 1, 6, 0, tzinfo=UTC)
    page = signed_in.get(at("audience")).text
    assert 'value="2031-07-01"' in page
    assert 'value="07:00"' in page


def test_the_hour_that_happens_twice_is_asked_about(signed_in, at, draft):
    answer = signed_in.post(at("audience"), data=later("2031-10-26", "01:30"))
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert "01:30 happens twice" in answer.text
    assert "BST, UTC+01:00" in answer.text
    assert "GMT, UTC+00:00" in answer.text
    assert draft.scheduled_at is None


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_the_answer_decides_which_of_the_two(signed_in, at, draft, which, hour):
    signed_in.post(at("audience"), data=later("2031-10-26", "01:30", which=which))
    db.session.refresh(draft)

    assert draft.scheduled_at == datetime(2031, 10, 26, hour, 30, tzinfo=UTC)
    assert f'name="which" value="{which}"' in signed_in.get(at("audience")).text


def test_the_hour_that_does_not_exist_is_refused_with_its_neighbours(signed_in, at, draft):
    answer = signed_in.post(at("audience"), data=later("2031-03-30", "01:30"))
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert "01:30 does not exist" in answer.text
    assert "00:30" in answer.text
    assert "02:30" in answer.text
    assert draft.scheduled_at is None


def test_a_neighbour_can_be_taken(signed_in, at, draft):
    data = later("2031-03-30", "01:30", which="after")
    answer = signed_in.post(at("audience"), data=data, headers=HTMX)
    db.session.refresh(draft)

    assert draft.scheduled_at == datetime(2031, 3, 30, 1, 30, tzinfo=UTC)
    assert 'value="02:30"' in answer.text


def test_the_past_is_refused(signed_in, at, draft):
    answer = signed_in.post(at("audience"), data=later("2021-07-01", "12:59"))
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert "has passed" in answer.text
    assert draft.scheduled_at is None


@pytest.mark.parametrize("missing", ["day", "at_time"])
def test_half_a_time_is_no_time(signed_in, at, missing):
    answer = signed_in.post(at("audience"), data=later("2031-07-01", "07:00") | {missing: ""})

    assert answer.status_code == 422
    assert "Choose a day and a time" in answer.text


def test_an_unusable_reply_address_says_why(signed_in, at):
    answer = signed_in.post(at("audience"), data=plan(reply_to_email="hannah"))

    assert answer.status_code == 422
    assert "The @ is missing" in answer.text


def test_a_second_window_overwrites_nothing(signed_in, at, draft):
    signed_in.post(at("audience"), data=plan(mode="everyone", reply_to_email="a@post.example"))
    answer = signed_in.post(at("audience"), data=plan(reply_to_email="b@post.example"))
    db.session.refresh(draft)

    assert answer.status_code == 409
    assert "a@post.example" in answer.text
    assert "b@post.example" in answer.text
    assert draft.reply_to_email == "a@post.example"


def later(day, at_time, **changes):
    return plan(when="later", day=day, at_time=at_time) | changes


def test_the_workspaces_default_is_offered_by_name_and_chosen_by_saying_nothing(
    signed_in, at, draft, connection
):
    named = f'value="{connection.public_id}" checked'
    assert named in signed_in.get(at("audience")).text

    signed_in.post(at("audience"), data=plan(connection=""))
    page = signed_in.get(at("audience")).text
    db.session.refresh(draft)

    assert draft.connection_id is None
    assert f"Workspace default ({connection.name})" in page
    assert named not in page
    assert 'name="connection" value="" checked' in page


def test_adding_a_connection_saves_the_plan_and_leads_back(signed_in, at, draft, cast):
    data = plan(mode="everyone", reply_to_email="post@allotmentpost.example", then="add-connection")
    answer = signed_in.post(at("audience"), data=data)
    db.session.refresh(draft)

    assert answer.location == f"/w/{cast.workspace.slug}/connections/new?next={at('audience')}"
    assert draft.reply_to_email == "post@allotmentpost.example"
    assert draft.audience["mode"] == "everyone"


def test_a_new_connection_is_chosen_on_return(signed_in, at, draft, cast):
    new = make_connection(cast.workspace, name="Just made")
    page = signed_in.get(at("audience"), query_string={"connection": new.public_id}).text

    assert "Just made was added and is chosen here." in page
    assert f'value="{new.public_id}" checked' in page
    assert "input delay:900ms, load" in page


def test_a_connection_of_others_is_not_chosen_on_return(signed_in, at, cast):
    theirs = make_connection(cast.elsewhere, name="Not ours")
    page = signed_in.get(at("audience"), query_string={"connection": theirs.public_id}).text

    assert "Not ours" not in page
    assert ", load" not in page


def test_somebody_who_may_not_connect_is_offered_no_new_connection(client, cast, at):
    from mailrith.accounts.models import Member
    from tests.support.cast import sign_in

    member = db.session.query(Member).filter_by(user_id=cast.bob.id).one()
    member.permissions = {"broadcasts": "manage"}
    db.session.commit()
    sign_in(client, cast.bob)

    assert "Add a connection" not in client.get(at("audience")).text
