from datetime import timedelta

import time_machine
from flask.testing import FlaskClient

from mailrith.core import config
from mailrith.core.clock import now
from tests.support.front_door import (
    OTHER_PASSWORD,
    PASSWORD,
    Inbox,
    is_signed_in,
    links_in,
    person,
    sign_in,
)


def test_a_reset_link_sets_a_new_password_and_signs_in(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    user = person()
    client.post("/forgot", data={"email": user.email})
    link = inbox.link()

    page = client.get(link)
    answer = client.post(link, data={"password": OTHER_PASSWORD})

    assert user.email in page.text
    assert answer.status_code == 303
    assert is_signed_in(client)
    assert sign_in(app.test_client(), user, PASSWORD).status_code == 422
    assert sign_in(app.test_client(), user, OTHER_PASSWORD).status_code == 303


def test_a_reset_ends_every_other_session(session, app, client: FlaskClient, inbox: Inbox) -> None:
    user = person()
    thief = app.test_client()
    sign_in(thief, user)
    client.post("/forgot", data={"email": user.email})

    client.post(inbox.link(), data={"password": OTHER_PASSWORD})

    assert not is_signed_in(thief)


def test_a_reset_link_works_once(session, app, client: FlaskClient, inbox: Inbox) -> None:
    user = person()
    client.post("/forgot", data={"email": user.email})
    link = inbox.link()
    client.post(link, data={"password": OTHER_PASSWORD})

    again = app.test_client().post(link, data={"password": "a third one about onions"})

    assert again.status_code == 410
    assert sign_in(app.test_client(), user, OTHER_PASSWORD).status_code == 303


def test_a_reset_link_runs_out_after_an_hour(session, client: FlaskClient, inbox: Inbox) -> None:
    user = person()
    client.post("/forgot", data={"email": user.email})
    link = inbox.link()

    with time_machine.travel(now() + timedelta(minutes=61)):
        page = client.get(link)
        pressed = client.post(link, data={"password": OTHER_PASSWORD})

    assert page.status_code == pressed.status_code == 410
    assert "This link has run out" in page.text
    assert sign_in(client, user, PASSWORD).status_code == 303


def test_opening_a_reset_link_uses_nothing_up(session, client: FlaskClient, inbox: Inbox) -> None:
    user = person()
    client.post("/forgot", data={"email": user.email})
    link = inbox.link()

    for _ in range(3):
        assert client.get(link).status_code == 200

    assert client.post(link, data={"password": OTHER_PASSWORD}).status_code == 303


def test_an_unknown_address_gets_the_same_answer_and_no_letter(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    user = person()

    known = client.post("/forgot", data={"email": user.email})
    unknown = app.test_client().post("/forgot", data={"email": "nobody@people.example"})

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert len(known.data) == len(unknown.data)
    assert [letter["To"] for letter in inbox.letters()] == [user.email]


def test_a_known_address_costs_the_database_as_much_as_an_unknown_one(
    session, app, client: FlaskClient, inbox: Inbox, statements
) -> None:
    """Time follows work: what the pages ask of the database is the same for both."""
    known = person().email

    def asked(path: str, email: str) -> list[str]:
        data = {"name": "A", "email": email, "password": PASSWORD}
        with statements() as seen:
            client.post(path, data=data)
        return seen

    for path in ("/forgot", "/sign-up"):
        asked(path, "warm@up.example")
        assert asked(path, known) == asked(path, "nobody@people.example")


def test_a_weak_new_password_is_refused_and_the_link_still_works(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    user = person()
    client.post("/forgot", data={"email": user.email})
    link = inbox.link()

    weak = client.post(link, data={"password": "leeks"})
    strong = client.post(link, data={"password": OTHER_PASSWORD})

    assert weak.status_code == 422
    assert "5 of at least 12" in weak.text
    assert strong.status_code == 303


def test_the_host_header_never_gets_into_a_reset_link(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    user = person()

    client.post(
        "/forgot",
        data={"email": user.email},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )

    letter = inbox.newest()
    assert all(
        link.startswith(config.current().public_url + "/reset/") for link in links_in(letter)
    )
    assert "evil.example" not in letter.as_string()


def test_what_is_no_address_gets_a_sentence(session, client: FlaskClient, inbox: Inbox) -> None:
    answer = client.post("/forgot", data={"email": "hannah at example"})

    assert answer.status_code == 422
    assert "The @ is missing" in answer.text
