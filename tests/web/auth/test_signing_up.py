import base64
import json
import zlib
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from mailrith.accounts.models import SignUp, User
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.web.limits import limiter
from tests.support.front_door import (
    OTHER_PASSWORD,
    PASSWORD,
    Inbox,
    is_signed_in,
    links_in,
    person,
    plain,
    sign_in,
)

HANNAH = {"name": "Hannah Okafor", "email": "hannah@allotmentpost.example", "password": PASSWORD}


def test_a_confirmed_sign_up_is_signed_in_and_led_to_a_workspace(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH | {"time_zone": "Europe/London"})
    link = inbox.link()

    page = client.get(link)
    answer = client.post(link)

    user = session.scalar(select(User))
    assert "hannah@allotmentpost.example" in page.text
    assert answer.status_code == 303
    assert client.get("/").location == "/workspaces/create"
    assert (user.display_name, user.time_zone) == ("Hannah Okafor", "Europe/London")
    assert user.password.startswith("$argon2id$")


def test_nobody_is_a_user_before_the_button_is_pressed(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH)
    link = inbox.link()

    client.get(link)
    client.head(link)

    assert session.scalar(select(func.count(User.id))) == 0
    assert not is_signed_in(client)


def test_another_browser_has_to_know_the_password(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    """A stranger may sign up with your address; your press on the link must not confirm their password."""
    client.post("/sign-up", data=HANNAH)
    link = inbox.link()
    other = app.test_client()

    page = other.get(link)
    refused = other.post(link, data={"password": OTHER_PASSWORD})
    users = session.scalar(select(func.count(User.id)))
    accepted = other.post(link, data={"password": PASSWORD})

    assert "The password you chose" in page.text
    assert refused.status_code == 422
    assert users == 0
    assert accepted.status_code == 303
    assert is_signed_in(other)


def test_a_known_address_gets_the_same_page_and_another_letter(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    known = person(email="hannah@allotmentpost.example")
    stranger = app.test_client()

    for_known = client.post("/sign-up", data=HANNAH)
    for_new = stranger.post("/sign-up", data=HANNAH | {"email": "bruno@allotmentpost.example"})

    assert (for_known.status_code, for_known.location) == (for_new.status_code, for_new.location)
    page_of_known = plain(client.get("/sign-up/inbox").text)
    page_of_new = plain(stranger.get("/sign-up/inbox").text)
    assert page_of_known.replace("hannah", "bruno") == page_of_new
    assert _shape(client) == _shape(stranger)
    subjects = {letter["To"]: letter["Subject"] for letter in inbox.letters()}
    assert subjects == {
        known.email: "You already have an account",
        "bruno@allotmentpost.example": "Confirm your address",
    }


def test_signing_in_after_signing_up_with_a_known_address_tells_nothing(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    person(email="hannah@allotmentpost.example")
    mine = {"password": OTHER_PASSWORD}
    stranger = app.test_client()
    client.post("/sign-up", data=HANNAH | mine)
    stranger.post("/sign-up", data=HANNAH | mine | {"email": "bruno@allotmentpost.example"})

    known = client.post("/sign-in", data={"email": "hannah@allotmentpost.example"} | mine)
    new = stranger.post("/sign-in", data={"email": "bruno@allotmentpost.example"} | mine)

    assert known.location == new.location == "/sign-up/unconfirmed"


def test_an_unconfirmed_person_is_offered_another_link(
    session, client: FlaskClient, app, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH)
    first = inbox.link()
    other = app.test_client()

    refused = other.post("/sign-in", data={"email": HANNAH["email"], "password": PASSWORD})
    page = other.get(refused.location)
    with time_machine.travel(now() + timedelta(minutes=2)):
        again = other.post("/sign-up/again")
        second = inbox.link()
        dead = other.get(first)
        alive = other.post(second)
        inside = is_signed_in(other)

    assert "Confirm your address first" in page.text
    assert again.status_code == 303
    assert dead.status_code == 410
    assert alive.status_code == 303
    assert inside


def test_asking_twice_within_a_minute_sends_once(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH)

    answer = client.post("/sign-up/again")

    assert answer.status_code == 429
    assert "Give it a minute" in answer.text
    assert len(inbox.letters()) == 1


def test_a_link_runs_out_after_a_day_and_can_be_renewed(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH)
    link = inbox.link()

    with time_machine.travel(now() + timedelta(hours=25)):
        page = client.get(link)
        pressed = client.post(link)
        renewed = client.post(link + "/again")
        answer = client.post(inbox.link())

    assert page.status_code == pressed.status_code == 410
    assert "This link has run out" in page.text
    assert renewed.location == "/sign-up/sent"
    assert answer.status_code == 303
    assert session.scalar(select(func.count(User.id))) == 1


def test_a_link_works_once(session, client: FlaskClient, inbox: Inbox) -> None:
    client.post("/sign-up", data=HANNAH)
    link = inbox.link()
    client.post(link)

    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 410
    assert session.scalar(select(func.count(User.id))) == 1


def test_the_second_of_two_confirmations_of_an_address_makes_no_second_user(
    session, app, client: FlaskClient, inbox: Inbox
) -> None:
    other = app.test_client()
    client.post("/sign-up", data=HANNAH)
    first = inbox.link()
    other.post("/sign-up", data=HANNAH | {"password": OTHER_PASSWORD})
    second = inbox.link()

    client.post(first)
    late = other.post(second)

    sign_in(other, session.scalar(select(User)), OTHER_PASSWORD)

    assert late.location == "/sign-in"
    assert session.scalar(select(func.count(User.id))) == 1
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "What should we call you?"),
        ({"name": "x" * 10_000}, "At most 120 characters"),
        ({"email": "hannah"}, "The @ is missing"),
        ({"email": "a@example.com, b@example.com"}, "more than one address"),
        ({"email": ""}, "Write your email address"),
        ({"password": "leeks"}, "5 of at least 12"),
        ({"password": "aaaaaaaaaaaaaaa"}, "one of the first that somebody would try"),
        ({"password": "hannah@allotmentpost.example"}, "easy to guess"),
        ({"password": ""}, "Choose a password"),
    ],
)
@pytest.mark.any_database
def test_what_cannot_be_taken_gets_a_sentence_and_is_kept(
    session, client: FlaskClient, inbox: Inbox, change: dict[str, str], words: str
) -> None:
    answer = client.post("/sign-up", data=HANNAH | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert (HANNAH | change)["email"] in answer.text
    assert PASSWORD not in answer.text
    assert session.scalar(select(func.count(SignUp.id))) == 0


def test_what_a_stranger_types_as_a_name_is_not_mailed_to_others(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH | {"name": "Win http://evil.example now"})

    letter = inbox.newest()

    assert "evil.example" not in letter.as_string()


def test_links_are_made_of_the_public_address_whatever_the_host_header_says(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    for header in ("Host", "X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "Forwarded"):
        client.post(
            "/sign-up",
            data=HANNAH | {"email": f"{header.lower()}@allotmentpost.example"},
            headers={header: "evil.example"},
        )

    letters = inbox.letters()

    assert len(letters) == 5
    for letter in letters:
        assert all(link.startswith(config.current().public_url + "/") for link in links_in(letter))
        assert "evil.example" not in letter.as_string()


def test_too_many_sign_ups_from_one_place_have_to_wait(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    for _ in range(5):
        assert client.post("/sign-up", data=HANNAH).status_code == 303

    assert client.post("/sign-up", data=HANNAH).status_code == 429


def test_a_closed_installation_says_so(session, client: FlaskClient, inbox: Inbox) -> None:
    from dataclasses import replace

    config.install(replace(config.current(), sign_up="closed"))

    page = client.get("/sign-up")
    client.post("/sign-up", data=HANNAH)

    assert "No new accounts here" in page.text
    assert session.scalar(select(func.count(SignUp.id))) == 0


def test_without_a_mail_server_nobody_is_sent_to_wait_for_a_letter(
    session, client: FlaskClient
) -> None:
    assert "MAILRITH_SYSTEM_SMTP_URL" in client.get("/sign-up").text
    assert "MAILRITH_SYSTEM_SMTP_URL" in client.post("/forgot", data={"email": "a@b.example"}).text


@pytest.mark.parametrize("token", ["x", "A" * 60, "%00", "ä", "a" * 5000])
@pytest.mark.any_database
def test_a_made_up_link_leads_nowhere(session, client: FlaskClient, token: str) -> None:
    assert client.get(f"/confirm/{token}").status_code == 404
    assert client.post(f"/confirm/{token}").status_code == 404
    assert client.get(f"/reset/{token}").status_code == 404


def test_every_changed_letter_of_a_link_breaks_it(
    session, client: FlaskClient, inbox: Inbox
) -> None:
    client.post("/sign-up", data=HANNAH)
    link = inbox.link()

    for place in range(len("/confirm/"), len(link)):
        limiter.reset()
        letter = "A" if link[place] != "A" else "B"
        changed = link[:place] + letter + link[place + 1 :]
        assert client.post(changed).status_code == 404, place
    assert client.post(link).status_code == 303


def test_a_confirmation_link_is_no_reset_link(session, client: FlaskClient, inbox: Inbox) -> None:
    person()
    client.post("/sign-up", data=HANNAH)

    link = inbox.link().replace("/confirm/", "/reset/")

    assert client.get(link).status_code == 404


def _shape(client: FlaskClient) -> dict[str, object]:
    """What somebody can read in the session cookie without a key."""
    cookie = client.get_cookie("mailrith")
    assert cookie is not None
    body = cookie.value.lstrip(".").rpartition(".")[0].rpartition(".")[0]
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    if cookie.value.startswith("."):
        raw = zlib.decompress(raw)
    seen = json.loads(raw)
    assert UUID(seen["sign_up"]).version == 7
    return {name: type(value) for name, value in seen.items()}
