"""Who changed a connection, when, and what; never a value."""

import pytest

from mailrith.connections import actions, trail
from mailrith.connections.standing import pausing
from mailrith.core.db import db
from tests.support import factories
from tests.web.connections.conftest import address


@pytest.fixture
def history(signed_in, home, connection):
    return lambda **query: (
        signed_in.get(address(home, connection, "/history"), query_string=query).text
    )


def test_a_change_names_its_person_and_its_fields(
    signed_in, home, connection, filled, cast, history
):
    signed_in.post(
        address(home, connection),
        data=filled(
            name="Southpost", per_day="1000", username="canary-user", password="canary-password"
        ),
    )
    page = history()

    assert cast.alice.name in page
    assert "Changed name, From name" in page
    assert "limit a day" in page
    assert "sign-in" in page
    assert "canary" not in page


def test_what_mailrith_did_by_itself_is_said(connection, history):
    pausing.pause_connection(connection.id, "auth_refused", "535 no")
    db.session.commit()

    assert "Paused it: “Sign-in refused”" in history()
    assert "Mailrith" in history()


def test_long_histories_have_pages(connection, cast, history):
    for number in range(51):
        trail.record(connection, f"connection.test_{number:02}", cast.alice)
    db.session.commit()
    page = history()

    assert "Test 50" in page
    assert "Test 00" not in page
    older = page.split("before=")[1].split('"')[0]
    assert "Test 00" in history(before=older)


def test_another_connections_changes_are_not_among_them(connection, cast, history):
    other = factories.make_connection(cast.workspace, name="Other")
    actions.disable(other, cast.alice)
    db.session.commit()

    assert "Nothing was changed yet" in history()
