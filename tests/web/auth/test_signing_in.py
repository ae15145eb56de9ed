from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from flask_security import verify_password

from mailrith.core import config
from mailrith.core.clock import now
from mailrith.web.auth import sessions
from tests.support.front_door import (
    PASSWORD,
    is_signed_in,
    person,
    plain,
    sign_in,
    token_in,
)


def test_the_right_password_signs_in(session, client: FlaskClient) -> None:
    user = person()

    answer = sign_in(client, user)

    assert answer.status_code == 303
    assert is_signed_in(client)


def test_an_address_signs_in_however_it_is_typed(session, client: FlaskClient) -> None:
    user = person(email="hannah@allotmentpost.example")

    client.post("/sign-in", data={"email": " Hannah@AllotmentPost.example ", "password": PASSWORD})

    assert user.id
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_read_the_same(
    session, client: FlaskClient
) -> None:
    user = person()

    wrong = client.post("/sign-in", data={"email": user.email, "password": "not this one at all"})
    unknown = client.post("/sign-in", data={"email": user.email[::-1], "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == 422
    assert "do not match" in wrong.text
    assert plain(wrong.text.replace(user.email, "")) == plain(
        unknown.text.replace(user.email[::-1], "")
    )
    assert not is_signed_in(client)


def test_somebody_switched_off_reads_the_same_as_nobody(session, client: FlaskClient) -> None:
    user = person(active=False)

    answer = sign_in(client, user)

    assert answer.status_code == 422
    assert "do not match" in answer.text


def test_a_person_without_a_password_cannot_be_entered(session, client: FlaskClient) -> None:
    user = person(password=None)

    assert sign_in(client, user, "").status_code == 422
    assert sign_in(client, user, "anything at all here").status_code == 422
    assert not is_signed_in(client)


def test_switching_somebody_off_ends_the_session_with_the_next_request(
    session, client: FlaskClient
) -> None:
    user = person()
    sign_in(client, user)

    user.active = False
    session.commit()

    assert not is_signed_in(client)


def test_signing_in_leads_back_to_the_page_that_was_asked_for(session, client: FlaskClient) -> None:
    user = person()

    asked = client.get("/profile/security")
    answer = client.post(
        asked.location,
        data={"email": user.email, "password": PASSWORD, "next": "/profile/security"},
    )

    assert asked.location == "/sign-in?next=/profile/security"
    assert answer.location == "/profile/security"


def test_signing_in_never_leads_to_another_site(session, client: FlaskClient) -> None:
    user = person()
    elsewhere = (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    )

    for target in elsewhere:
        answer = client.post(
            "/sign-in", data={"email": user.email, "password": PASSWORD, "next": target}
        )
        assert answer.location == "/", target


def test_the_session_of_before_the_sign_in_is_gone(session, client: FlaskClient) -> None:
    user = person()
    client.get("/sign-in")
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
        before = planted["csrf_token"] = "known to somebody else"

    sign_in(client, user)

    with client.session_transaction() as after:
        assert "planted" not in after
        assert after.get("csrf_token") != before


def test_two_sign_ins_never_get_the_same_cookie(session, app, client: FlaskClient) -> None:
    user = person()
    other = app.test_client()

    sign_in(client, user)
    sign_in(other, user)

    assert client.get_cookie("mailrith") != other.get_cookie("mailrith")


def test_the_cookie_is_for_this_site_and_out_of_reach_of_scripts(
    session, client: FlaskClient
) -> None:
    user = person()

    cookie = sign_in(client, user).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_needs_https_when_the_public_address_has_it(app) -> None:
    from mailrith.app import _flask_config

    settings = replace(config.current(), public_url="https://news.example.org")

    assert _flask_config(settings)["SESSION_COOKIE_SECURE"] is True


def test_signing_out_ends_the_session(session, client: FlaskClient) -> None:
    sign_in(client, person())

    client.post("/sign-out")

    assert not is_signed_in(client)


def test_a_look_at_the_head_of_the_page_is_no_attempt(client: FlaskClient) -> None:
    assert client.head("/sign-in").status_code == 200


def test_nobody_is_signed_out_by_a_link(session, client: FlaskClient) -> None:
    sign_in(client, person())

    assert client.get("/sign-out").status_code == 405
    assert is_signed_in(client)


def test_the_eleventh_wrong_password_for_an_address_has_to_wait(
    session, client: FlaskClient
) -> None:
    user = person()
    for _ in range(10):
        assert sign_in(client, user, "not this one at all").status_code == 422

    answer = sign_in(client, user)

    assert answer.status_code == 429
    assert "Try again in" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 900


def test_a_made_up_forwarded_address_does_not_get_around_the_limit(
    session, client: FlaskClient
) -> None:
    user = person()
    for number in range(10):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        data = {"email": user.email, "password": "not this one at all"}
        client.post("/sign-in", data=data, headers=headers)

    assert sign_in(client, user).status_code == 429


def test_right_passwords_do_not_count_against_the_limit(session, client: FlaskClient) -> None:
    user = person()

    answers = [sign_in(client, user).status_code for _ in range(12)]

    assert answers == [303] * 12


def test_extra_fields_are_ignored(session, client: FlaskClient) -> None:
    user = person(confirmed_at=None)

    client.post(
        "/sign-in",
        data={
            "email": user.email,
            "password": PASSWORD,
            "active": "1",
            "confirmed_at": "2020-01-01",
        },
    )

    assert user.confirmed_at is None


def test_an_old_sign_in_page_says_so_and_works_again(session, csrf_on, client: FlaskClient) -> None:
    user = person()

    stale = client.post(
        "/sign-in",
        data={"email": user.email, "password": PASSWORD, "csrf_token": "from another session"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    page = client.get("/sign-in")
    answer = client.post(
        "/sign-in",
        data={"email": user.email, "password": PASSWORD, "csrf_token": token_in(page.text)},
    )

    assert stale.location == "/sign-in"
    assert "open for too long" in page.text
    assert answer.location == "/"


def test_every_sign_in_costs_the_same_hashing(
    session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def count(password: str, stored: str) -> bool:
        hashed.append(password)
        return bool(verify_password(password, stored))

    monkeypatch.setattr(sessions, "verify_password", count)
    user = person()
    costs = []
    for email, password in (
        (user.email, PASSWORD),
        (user.email, "not this one at all"),
        ("nobody@people.example", PASSWORD),
        (person(active=False).email, PASSWORD),
        (person(password=None).email, PASSWORD),
    ):
        hashed.clear()
        client.post("/sign-in", data={"email": email, "password": password})
        costs.append(len(hashed))

    assert set(costs) == {2}


def test_staying_signed_in_is_a_choice_and_lasts_thirty_days(session, app) -> None:
    user = person()
    data = {"email": user.email, "password": PASSWORD}

    stays = app.test_client().post("/sign-in", data=data | {"remember": "y"})
    leaves = app.test_client().post("/sign-in", data=data)

    assert "Expires=" in stays.headers["Set-Cookie"]
    assert "Expires=" not in leaves.headers["Set-Cookie"]


def test_a_session_nobody_uses_ends_by_itself_after_thirty_days(
    session, client: FlaskClient
) -> None:
    user = person()
    client.post("/sign-in", data={"email": user.email, "password": PASSWORD, "remember": "y"})

    with time_machine.travel(now() + timedelta(days=31)):
        assert not is_signed_in(client)
    with time_machine.travel(now() + timedelta(days=29)):
        assert is_signed_in(client)
