import pytest
from flask.testing import FlaskClient

from mailrith.core.db import db
from tests.support.front_door import (
    OTHER_PASSWORD,
    PASSWORD,
    Inbox,
    is_signed_in,
    person,
    sign_in,
)

NEW = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}


def test_name_and_zone_are_kept(session, client: FlaskClient) -> None:
    user = person()
    sign_in(client, user)

    client.post("/profile", data={"name": "  Hannah   Okafor ", "time_zone": "Asia/Tokyo"})

    assert (user.display_name, user.time_zone) == ("Hannah Okafor", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "What should we call you?"),
        ({"name": "x" * 10_000}, "At most 120 characters"),
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone"),
        ({"time_zone": "../../etc/passwd"}, "Choose a time zone"),
    ],
)
@pytest.mark.any_database
def test_what_cannot_be_kept_gets_a_sentence(
    session, client: FlaskClient, change: dict[str, str], words: str
) -> None:
    user = person()
    sign_in(client, user)

    answer = client.post("/profile", data={"name": "Hannah", "time_zone": "UTC"} | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert user.display_name == "Hannah"


def test_a_profile_takes_no_other_field(session, client: FlaskClient) -> None:
    user = person()
    email = user.email
    sign_in(client, user)

    data = {
        "name": "Hannah",
        "time_zone": "UTC",
        "email": "x@evil.example",
        "active": "",
        "id": "1",
    }
    client.post("/profile", data=data)

    assert (user.email, user.active) == (email, True)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    session, app, client: FlaskClient
) -> None:
    user = person()
    thief = app.test_client()
    sign_in(client, user)
    sign_in(thief, user)

    answer = client.post("/profile/security/password", data=NEW)

    assert answer.status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(thief)
    assert sign_in(app.test_client(), user, OTHER_PASSWORD).status_code == 303


def test_a_stolen_cookie_of_before_the_change_is_worthless(
    session, app, client: FlaskClient
) -> None:
    user = person()
    sign_in(client, user)
    stolen = client.get_cookie("mailrith")
    thief = app.test_client()

    client.post("/profile/security/password", data=NEW)
    thief.set_cookie("mailrith", stolen.value)

    assert not is_signed_in(thief)


def test_the_person_is_told_of_a_new_password(session, client: FlaskClient, inbox: Inbox) -> None:
    user = person()
    sign_in(client, user)

    client.post("/profile/security/password", data=NEW)

    assert (inbox.newest()["To"], inbox.newest()["Subject"]) == (
        user.email,
        "Your password was changed",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"current_password": "not this one at all"}, "not your present password"),
        ({"current_password": ""}, "Write your password"),
        ({"new_password": "leeks"}, "5 of at least 12"),
        ({"new_password": ""}, "Choose a password"),
    ],
)
@pytest.mark.any_database
def test_a_refused_change_of_password_changes_nothing(
    session, app, client: FlaskClient, change: dict[str, str], words: str
) -> None:
    user = person()
    sign_in(client, user)

    answer = client.post("/profile/security/password", data=NEW | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert is_signed_in(client)
    assert sign_in(app.test_client(), user, PASSWORD).location == "/"


def test_guessing_the_present_password_from_an_open_session_is_limited(
    session, client: FlaskClient
) -> None:
    sign_in(client, person())
    wrong = NEW | {"current_password": "not this one at all"}

    answers = [client.post("/profile/security/password", data=wrong).status_code for _ in range(21)]

    assert answers == [422] * 20 + [429]


def test_the_other_sessions_can_be_ended_without_a_new_password(
    session, app, client: FlaskClient
) -> None:
    user = person()
    other = app.test_client()
    sign_in(client, user)
    sign_in(other, user)

    client.post("/profile/security/sessions/end")

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_the_pages_stand_without_a_workspace(session, client: FlaskClient) -> None:
    sign_in(client, person())

    assert client.get("/profile").status_code == 200
    assert client.get("/profile/security").status_code == 200


def test_passwords_survive_a_key_that_leaves_the_ring(session, app) -> None:
    from dataclasses import replace

    from mailrith.app import create_app
    from mailrith.core import config

    user = person()
    email = user.email
    db.session.rollback()
    newer = config.Key("k2", bytes(range(1, 33)))
    moved = create_app(replace(config.current(), keys=(newer,)))
    moved.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    answer = moved.test_client().post("/sign-in", data={"email": email, "password": PASSWORD})

    with moved.app_context():
        db.engine.dispose()
    assert answer.status_code == 303
