from datetime import timedelta

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from mailrith.accounts import actions
from mailrith.accounts.models import User
from mailrith.core import config
from mailrith.core.clock import now
from tests.support.front_door import PASSWORD, is_signed_in, person

HANNAH = {"name": "Hannah Okafor", "email": "hannah@allotmentpost.example", "password": PASSWORD}


def test_the_link_makes_the_first_owner_without_any_mail(session, client: FlaskClient) -> None:
    link = _link(session)

    page = client.get(link)
    answer = client.post(link, data=HANNAH)

    assert page.status_code == 200
    assert answer.status_code == 303
    assert is_signed_in(client)
    assert client.get("/").location == "/workspaces/create"
    assert session.scalar(select(User.confirmed_at)) is not None


def test_the_link_is_on_the_public_address(session) -> None:
    assert actions.make_owner_link().startswith(config.current().public_url + "/welcome/")


def test_the_link_works_once(session, app, client: FlaskClient) -> None:
    link = _link(session)
    client.post(link, data=HANNAH)
    late = app.test_client()

    page = late.get(link)
    answer = late.post(link, data=HANNAH | {"email": "mallory@people.example"})

    assert page.status_code == answer.status_code == 410
    assert "mailrith admin owner-link" in page.text
    assert session.scalar(select(func.count(User.id))) == 1


def test_the_link_runs_out_after_a_day(session, client: FlaskClient) -> None:
    link = _link(session)

    with time_machine.travel(now() + timedelta(hours=25)):
        assert client.get(link).status_code == 410
        assert client.post(link, data=HANNAH).status_code == 410
    assert session.scalar(select(func.count(User.id))) == 0


def test_a_mistake_does_not_use_the_link_up(session, client: FlaskClient) -> None:
    known = person()
    link = _link(session)

    taken = client.post(link, data=HANNAH | {"email": known.email})
    weak = client.post(link, data=HANNAH | {"password": "leeks"})
    right = client.post(link, data=HANNAH)

    assert taken.status_code == weak.status_code == 422
    assert "has an account already" in taken.text
    assert right.status_code == 303


def test_a_guessed_link_is_worth_nothing(session, client: FlaskClient) -> None:
    assert client.get("/welcome/guess").status_code == 410
    assert client.post("/welcome/guess", data=HANNAH).status_code == 410


def _link(session) -> str:
    link = actions.make_owner_link()
    session.commit()
    return link.removeprefix(config.current().public_url)
