"""The page of order and fallback."""

import re

import pytest

from mailrith.connections import routing
from mailrith.connections.routing import Choice
from tests.support.cast import sign_in
from tests.support.factories import make_connection
from tests.support.factories_connections import VERIFIED


def test_the_order_is_shown_with_its_default_and_who_takes_over(signed_in, home, two):
    page = signed_in.get(f"{home}/order").text

    assert page.index("First") < page.index("Default") < page.index("Second")
    assert "If it stops, Second may take over" in page


def test_it_says_why_nobody_may_take_over(signed_in, home, two, session):
    two[1].verified_at = None
    session.commit()

    page = signed_in.get(f"{home}/order").text

    assert "If it stops, nothing here may take over" in page
    assert "It has not been verified: nobody has seen it sign in." in page


def test_a_connection_stands_as_it_does_in_the_list(signed_in, home, two, session):
    two[1].verified_at, two[1].last_error = None, "auth_refused"
    session.commit()

    assert "Verify failed" in signed_in.get(home).text
    assert "Verify failed" in signed_in.get(f"{home}/order").text


def test_a_press_moves_one_step_and_the_first_is_the_default(signed_in, home, two, cast):
    answer = signed_in.post(f"{home}/order/{two[1].public_id}/move", data={"to": "up"})

    assert answer.status_code == 303
    assert routing.default_of(cast.workspace.id) == two[1]


def test_the_choices_and_shares_are_kept(signed_in, home, two, cast):
    answer = signed_in.post(f"{home}/order", data=filled(two, "2", "1"))

    page = signed_in.get(f"{home}/order").text
    assert answer.status_code == 303
    assert routing.choice_of(cast.workspace.id) == Choice(fall_back=True, split=True)
    assert routing.weights_of(cast.workspace.id) == {two[0].id: 2, two[1].id: 1}
    assert re.search(r'value="fall-back" checked', page)
    assert re.search(r'value="split" checked', page)


@pytest.mark.parametrize("share", ["two", "-1", "101", "1.5"])
@pytest.mark.any_database
def test_a_share_that_is_none_is_refused_and_what_was_typed_stays(
    signed_in, home, two, cast, share
):
    answer = signed_in.post(f"{home}/order", data=filled(two, share, "1"))

    assert answer.status_code == 422
    assert f'value="{share}"' in answer.text
    assert "The share of First" in answer.text
    assert routing.choice_of(cast.workspace.id) == Choice()


def test_a_choice_that_does_not_exist_is_refused(signed_in, home, two, cast):
    answer = signed_in.post(f"{home}/order", data=filled(two) | {"when_down": "always"})

    assert answer.status_code == 422
    assert routing.choice_of(cast.workspace.id) == Choice()


def test_without_a_connection_the_page_says_what_it_is_for(signed_in, home):
    assert "Nothing to put in order yet" in signed_in.get(f"{home}/order").text


def test_whoever_may_only_look_changes_nothing(client, home, two, cast):
    sign_in(client, cast.bob)

    assert "You can look, but not change this." in client.get(f"{home}/order").text
    assert client.post(f"{home}/order", data=filled(two)).status_code == 403
    move = f"{home}/order/{two[1].public_id}/move"
    assert client.post(move, data={"to": "up"}).status_code == 403


def test_a_stranger_finds_nothing(client, home, two, cast):
    sign_in(client, cast.carol)

    assert client.get(f"{home}/order").status_code == 404
    assert client.post(f"{home}/order", data=filled(two)).status_code == 404


def test_a_connection_of_another_workspace_cannot_be_moved(signed_in, home, two, cast):
    strange = make_connection(cast.elsewhere)

    answer = signed_in.post(f"{home}/order/{strange.public_id}/move", data={"to": "up"})

    assert answer.status_code == 404


@pytest.fixture
def two(cast):
    return tuple(
        make_connection(cast.workspace, name=name, **VERIFIED) for name in ("First", "Second")
    )


def filled(connections, *shares):
    """The form, with both choices taken."""
    weights = zip(connections, shares, strict=False)
    return {"when_down": "fall-back", "spread": "split"} | {
        f"weight-{connection.public_id}": share for connection, share in weights
    }
