"""Going on after Mailrith stopped a connection because too much came back."""

import pytest

from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories
from tests.web.connections.conftest import address


@pytest.fixture
def stopped(connection):
    reputation.note(connection.id, Reputation(1000, 60, 0))
    db.session.commit()
    return connection


def test_the_page_says_why_with_the_figures(signed_in, home, stopped):
    page = signed_in.get(address(home, stopped)).text

    assert "Too much mail came back" in page
    assert "6 % of its mail of the last seven days came back: 60 of 1,000 messages." in page
    assert "A good Verify ends the pause" not in page


def test_the_first_press_asks_for_the_number(signed_in, home, stopped):
    answer = signed_in.post(address(home, stopped, "/resume"))

    assert answer.status_code == 409
    assert "Type 60 to go on" in answer.text
    assert "came back: 60 of 1,000 messages. If the next broadcast goes" in answer.text
    db.session.refresh(stopped)
    assert stopped.paused_at is not None


def test_a_wrong_number_is_refused_and_the_right_one_goes_on(signed_in, home, stopped):
    wrong = signed_in.post(address(home, stopped, "/resume"), data={"confirm_count": "61"})
    assert wrong.status_code == 422
    assert "Type 60 to say that you know." in wrong.text

    right = signed_in.post(address(home, stopped, "/resume"), data={"confirm_count": "60"})

    assert right.status_code == 303
    db.session.refresh(stopped)
    assert stopped.paused_at is None


def test_the_list_warns_before_it_comes_to_that(signed_in, home, connection):
    connection.verified_at = now()
    reputation.note(connection.id, Reputation(1000, 24, 0))
    db.session.commit()

    page = signed_in.get(home).text

    assert "2.4 % of its mail of the last seven days came back: 24 of 1,000 messages." in page


def test_a_stranger_does_not_find_it(signed_in, home, cast):
    other = factories.make_connection(factories.make_workspace())

    assert signed_in.post(address(home, other, "/resume")).status_code == 404
