"""API keys: who makes them, that each is seen once, and that it ends when it should."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from mailrith.accounts.models import ApiKey, AuditEntry, Member
from mailrith.accounts.scopes import READ_AND_WRITE, READ_ONLY
from mailrith.core.db import Base, db
from tests.api.conftest import Program
from tests.support import factories
from tests.support.cast import sign_in
from tests.support.factories_api import key_for
from tests.support.html import faults

FORM = {"name": "Orders of the shop", "access": "read"}


@pytest.fixture
def page(cast):
    return f"/w/{cast.workspace.slug}/settings/api-keys"


def secret_in(text):
    return re.search(r"mrk_[\w-]{43}", text)[0]


def asked(app, secret):
    return Program(app, secret).get("/workspace").status_code


def test_a_new_key_is_shown_once_and_opens_its_workspace(app, signed_in, cast, page):
    answer = signed_in.post(f"{page}/new", data=FORM)
    secret = secret_in(answer.text)
    listed = signed_in.get(page)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert asked(app, secret) == 200
    assert faults(answer.text) == faults(listed.text) == []
    assert "Orders of the shop" in listed.text
    assert secret not in listed.text
    assert secret[-4:] in listed.text


def test_the_key_itself_is_kept_nowhere(signed_in, page):
    secret = secret_in(signed_in.post(f"{page}/new", data=FORM).text)

    for table in Base.metadata.sorted_tables:
        assert secret not in str(db.session.execute(select(table)).all()), table.name
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("api_key.created", "Orders of the shop")
    assert entry.details["scopes"] == list(READ_ONLY)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("chosen", "scopes"),
    [
        ({"access": "read"}, READ_ONLY),
        ({"access": "write"}, READ_AND_WRITE),
        ({"access": "chosen", "scopes": ["messages:write", "invented:read"]}, ("messages:write",)),
        ({"access": "read", "scopes": ["messages:write"]}, READ_ONLY),
    ],
)
def test_it_may_do_what_was_chosen_and_no_more(signed_in, page, chosen, scopes):
    signed_in.post(f"{page}/new", data=FORM | chosen)

    assert db.session.scalars(select(ApiKey)).one().scopes == list(scopes)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "What is it for?"),
        ({"name": "x" * 121}, "At most 120"),
        ({"access": "everything"}, "Choose what the key may do"),
        ({"access": "chosen"}, "at least one"),
        ({"expires_on": "soon"}, "A day such as"),
        ({"expires_on": "9999-12-31"}, "A day such as"),
        ({"expires_on": "2020-01-01"}, "This day is over"),
    ],
)
def test_what_does_not_fit_gets_a_sentence_and_no_key(signed_in, page, change, words):
    answer = signed_in.post(f"{page}/new", data=FORM | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert faults(answer.text) == []
    assert db.session.scalar(select(ApiKey)) is None


def test_a_form_that_is_sent_twice_makes_one_key(signed_in, page):
    signed_in.post(f"{page}/new", data=FORM)
    again = signed_in.post(f"{page}/new", data=FORM)

    assert again.status_code == 422
    assert "Another key has this name" in again.text
    assert len(db.session.scalars(select(ApiKey)).all()) == 1


def test_it_ends_with_the_last_day_where_the_workspace_is(app, client, cast, page):
    # London is an hour ahead of UTC on this day.
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC), tick=False) as clock:
        sign_in(client, cast.alice)
        answer = client.post(f"{page}/new", data=FORM | {"expires_on": "2027-06-30"})
        secret = secret_in(answer.text)
        clock.move_to(datetime(2027, 6, 30, 22, 59, tzinfo=UTC))
        last_minute = asked(app, secret)
        clock.shift(timedelta(minutes=1))
        after = asked(app, secret)

    assert (last_minute, after) == (200, 401)


def test_revoking_asks_first_and_then_ends_the_key_at_once(app, signed_in, cast, page):
    made = key_for(cast.workspace, cast.alice, name="Till")
    here = f"{page}/{made.row.public_id}/revoke"

    question = signed_in.get(here)
    before = asked(app, made.secret)
    answer = signed_in.post(here)

    assert "Revoke the key “Till”?" in question.text
    assert faults(question.text) == []
    assert (before, asked(app, made.secret)) == (200, 401)
    assert answer.location == page
    assert "Revoked" in signed_in.get(page).text
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["api_key.created", "api_key.revoked"]


def test_the_name_of_a_revoked_key_is_free_again(signed_in, cast, page):
    made = key_for(cast.workspace, cast.alice, name=FORM["name"])
    signed_in.post(f"{page}/{made.row.public_id}/revoke")

    assert signed_in.post(f"{page}/new", data=FORM).status_code == 200


def test_keys_are_for_those_who_may_manage_integrations(client, cast, page):
    made = key_for(cast.workspace, cast.alice)
    sign_in(client, cast.bob)
    refused = client.get(page).status_code, client.post(f"{page}/new", data=FORM).status_code
    bob = db.session.scalars(select(Member).where(Member.user_id == cast.bob.id)).one()
    bob.permissions = bob.permissions | {"integrations": "view"}
    db.session.commit()

    listed = client.get(page)

    assert refused == (403, 403)
    assert made.row.preview in listed.text
    assert "Create API Key" not in listed.text
    assert client.post(f"{page}/{made.row.public_id}/revoke").status_code == 403


def test_a_key_of_another_workspace_is_nothing_here(signed_in, cast, page):
    second = factories.make_workspace(cast.alice, name="The second")
    made = key_for(second, cast.alice, name="Far away")

    assert signed_in.post(f"{page}/{made.row.public_id}/revoke").status_code == 404
    assert "Far away" not in signed_in.get(page).text
    assert db.session.get_one(ApiKey, made.row.id).revoked_at is None
