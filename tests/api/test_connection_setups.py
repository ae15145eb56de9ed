"""A program asks for a connection, a person types its secrets on a page, and the program learns which one it is."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories
from tests.support.cast import sign_in
from tests.support.html import faults

HOME = "/email-delivery-connection-setup-sessions"
FORM = {
    "name": "Till",
    "host": "127.0.0.1",
    "port": "1025",
    "secure_mode": "none",
    "allow_clear_auth": "y",
    "username": "till",
    "password": "typed-by-a-person",
    "from_name": "Hannah",
    "from_email": "hannah@allotmentpost.example",
}


@pytest.fixture
def connection(cast):
    return factories.make_connection(cast.workspace)


def started(program, **body):
    answer = program.post(HOME, json=body)
    assert answer.status_code == 201, answer.text
    return answer.get_json()["data"]


def seen(program, setup):
    return program.get(setup["self"].removeprefix("/v1")).get_json()["data"]


def page_of(setup):
    return setup["setup_url"].removeprefix("http://127.0.0.1:8000")


def typed_in(page):
    """Name, From name and From email as the form shows them."""
    return tuple(
        re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)[1]
        for name in ("name", "from_name", "from_email")
    )


def test_a_person_makes_what_a_program_asked_for(program, signed_in, cast):
    setup = started(program, provider="custom-smtp", name="Till", from_email="t@x.example")
    page = signed_in.get(page_of(setup)).text
    form = f"/w/{cast.workspace.slug}/connections/new/custom-smtp"
    data = FORM | {"workspaces": str(cast.workspace.id), "next": page_of(setup)}
    back = signed_in.post(form, data=data).location
    question = signed_in.get(back).text
    waiting = seen(program, setup)
    made = db.session.scalars(select(Connection)).one()
    done = signed_in.post(page_of(setup), data={"connection": str(made.public_id)})
    over = signed_in.get(done.location).text

    assert (setup["status"], setup["connection_id"]) == ("pending", None)
    assert "t@x.example" in page
    assert f"{form}?next=" in page
    assert [faults(text) for text in (page, question, over)] == [[], [], []]
    assert "Hand it to the program" in question
    assert waiting["status"] == "pending"
    told = seen(program, setup)
    assert (told["status"], told["connection_id"]) == ("completed", str(made.public_id))
    assert told["completed_at"]
    assert "setup_url" not in told
    assert "typed-by-a-person" not in str(told) + over


def test_the_form_begins_with_what_the_program_proposed(program, signed_in, cast):
    wish = {"provider": "custom-smtp", "name": "Till", "from_email": "t@x.example"}
    setup = started(program, **wish)
    form = f"/w/{cast.workspace.slug}/connections/new/custom-smtp"

    filled = typed_in(signed_in.get(form, query_string={"next": page_of(setup)}).text)
    others = [
        signed_in.get(form, query_string={"next": target}).text
        for target in ("", f"/w/elsewhere/connections/setups/{setup['id']}", "/w/x/setups/1")
    ]

    assert filled == ("Till", cast.workspace.name, "t@x.example")
    assert [typed_in(page)[2] for page in others] == ["", "", ""]


def test_another_sign_in_is_noticed_by_itself(program, signed_in, cast, connection):
    setup = started(program, purpose="replace_credentials", connection_id=str(connection.public_id))
    page = signed_in.get(page_of(setup)).text
    here = f"/w/{cast.workspace.slug}/connections/{connection.public_id}"

    signed_in.post(here, data=FORM | {"workspaces": str(cast.workspace.id), "name": "Renamed", "username": "", "password": ""})  # fmt: skip
    renamed = seen(program, setup)["status"]
    signed_in.post(here, data=FORM | {"workspaces": str(cast.workspace.id)})

    assert here in page
    assert faults(page) == []
    assert (renamed, seen(program, setup)["status"]) == ("pending", "completed")
    assert "It is done" in signed_in.get(page_of(setup)).text


def test_a_link_holds_for_an_hour_and_can_be_renewed(program, signed_in):
    setup = started(program)
    with time_machine.travel(now() + timedelta(minutes=61)):
        late = seen(program, setup)
        closed = signed_in.get(page_of(setup)).text
        again = program.post(f"{setup['self'].removeprefix('/v1')}/renew")

        assert (late["status"], "setup_url" in late) == ("expired", False)
        assert "has run out" in closed
        assert again.status_code == 201
        assert again.get_json()["data"]["status"] == "pending"
        assert again.get_json()["data"]["setup_url"] == setup["setup_url"]


def test_what_is_over_is_neither_finished_nor_renewed(program, signed_in, cast, connection):
    setup = started(program)
    data = {"connection": str(connection.public_id)}
    first = signed_in.post(page_of(setup), data=data)
    second = signed_in.post(page_of(setup), data=data)
    renewed = program.post(f"{setup['self'].removeprefix('/v1')}/renew")

    assert first.status_code == 303
    assert second.status_code == 409
    assert renewed.status_code == 409
    assert renewed.get_json()["error"]["type"] == "conflict"


def test_the_link_is_nothing_without_the_right_to_manage_here(client, program, cast, connection):
    setup = started(program)
    theirs = factories.make_connection(cast.elsewhere)
    nobody = client.get(page_of(setup)).status_code
    sign_in(client, cast.bob)
    bob = client.get(page_of(setup)).status_code
    sign_in(client, cast.carol)
    carol = client.get(page_of(setup)).status_code
    sign_in(client, cast.alice)
    foreign = client.post(page_of(setup), data={"connection": str(theirs.public_id)}).status_code

    assert (nobody, bob, carol, foreign) == (303, 403, 404, 404)
    assert seen(program, setup)["status"] == "pending"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"purpose": "replace"}, "purpose"),
        ({"purpose": "replace_credentials"}, "connection_id"),
        ({"connection_id": str(uuid4())}, "connection_id"),
        ({"provider": "installation"}, "provider"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"password": "x"}, "password"),
        ({"host": "mail.evil.example"}, "host"),
    ],
)
def test_what_does_not_fit_is_named(program, body, field):
    answer = program.post(HOME, json=body)

    assert answer.status_code == 400
    assert answer.get_json()["error"]["details"]["field"] == field


def test_a_connection_of_others_is_nothing_and_a_shared_one_is_for_people(
    program, cast, connection
):
    theirs = factories.make_connection(cast.elsewhere)
    second = factories.make_workspace(cast.alice, name="The second")
    db.session.add(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    db.session.commit()

    for asked, code in ((theirs, 404), (connection, 409)):
        body = {"purpose": "replace_credentials", "connection_id": str(asked.public_id)}
        assert program.post(HOME, json=body).status_code == code
