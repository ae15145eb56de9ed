"""A form that comes after the session ended is kept, and only our own forms are."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mailrith.accounts.models import Workspace
from tests.support import factories
from tests.support.cast import Cast
from tests.support.front_door import (
    PASSWORD,
    _forgetful_limits,  # noqa: F401 - fixture
    csrf_on,  # noqa: F401 - fixture
    person,
    sign_in,
    token_in,
)

OURS = {"Sec-Fetch-Site": "same-origin"}
LETTER = {"name": "The Hungry Gap <b>", "time_zone": "UTC", "address": "Rhubarb\nLane"}


@pytest.fixture
def hannah(session) -> Workspace:
    return factories.make_workspace(person(email="hannah@allotmentpost.example"))


def test_what_was_typed_survives_the_sign_in(client: FlaskClient, hannah: Workspace) -> None:
    page = client.post(f"/w/{hannah.slug}/settings", data=LETTER, headers=OURS)
    kept = _kept(page.text)
    back = client.post("/sign-in", data=_login() | {"kept": kept})
    answer = client.post(f"/w/{hannah.slug}/settings", data=LETTER)

    assert page.status_code == 401
    assert "nothing is lost" in page.text
    assert "The Hungry Gap &lt;b&gt;" in back.text
    assert f'action="/w/{hannah.slug}/settings"' in back.text
    assert answer.status_code == 303


def test_nothing_is_done_before_the_person_goes_on(
    client: FlaskClient, hannah: Workspace, session
) -> None:
    page = client.post(f"/w/{hannah.slug}/settings", data=LETTER, headers=OURS)
    client.post("/sign-in", data=_login() | {"kept": _kept(page.text)})

    assert session.scalar(select(Workspace.name)) == "The Allotment Post"


def test_a_wrong_password_keeps_it_too(client: FlaskClient, hannah: Workspace) -> None:
    page = client.post(f"/w/{hannah.slug}/settings", data=LETTER, headers=OURS)
    kept = _kept(page.text)

    again = client.post("/sign-in", data=_login() | {"kept": kept, "password": "not this at all"})

    assert again.status_code == 422
    assert _kept(again.text) == kept


def test_passwords_are_not_kept(client: FlaskClient, hannah: Workspace) -> None:
    secret = {"password": "smtp-secret", "current_password": "mine-now", "host": "mail.example"}

    page = client.post(f"/w/{hannah.slug}/connections/new/custom-smtp", data=secret, headers=OURS)

    assert "mail.example" in _kept(page.text)
    assert "smtp-secret" not in page.text
    assert "mine-now" not in page.text


def test_a_form_from_elsewhere_is_not_kept(client: FlaskClient, hannah: Workspace) -> None:
    address = f"/w/{hannah.slug}/settings"

    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/localhost"},
        {},
    ):
        answer = client.post(address, data=LETTER, headers=headers)
        assert answer.status_code == 303, headers
        assert answer.location == "/sign-in", headers


def test_an_older_browser_says_it_with_origin(client: FlaskClient, hannah: Workspace) -> None:
    answer = client.post(
        f"/w/{hannah.slug}/settings", data=LETTER, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "not json",
        "[]",
        '{"to": "//evil.example/", "with": []}',
        '{"to": "https://evil.example/", "with": []}',
        '{"to": "/ok", "with": 7}',
        '{"to": ["x"], "with": []}',
    ],
)
@pytest.mark.any_database
def test_a_forged_kept_form_goes_nowhere_else(
    client: FlaskClient, hannah: Workspace, packed: str
) -> None:
    answer = client.post("/sign-in", data=_login() | {"kept": packed})

    assert "evil.example" not in answer.text
    assert answer.status_code in {200, 303}


def test_a_form_of_before_a_new_sign_in_is_offered_again(
    client: FlaskClient,
    hannah: Workspace,
    session,
    csrf_on,  # noqa: F811
) -> None:
    page = client.get("/sign-in")
    client.post("/sign-in", data=_login() | {"csrf_token": token_in(page.text)})

    offered = client.post(
        f"/w/{hannah.slug}/settings",
        data=LETTER | {"csrf_token": "of the session before"},
        headers=OURS,
    )
    token = token_in(offered.text)
    answer = client.post(f"/w/{hannah.slug}/settings", data=LETTER | {"csrf_token": token})

    assert "Go on with it" in offered.text
    assert "of the session before" not in offered.text
    assert answer.status_code == 303
    assert session.scalar(select(Workspace.name)) == "The Hungry Gap <b>"


def test_a_save_in_the_background_gets_a_dialog(client: FlaskClient, hannah: Workspace) -> None:
    answer = client.post(
        f"/w/{hannah.slug}/settings",
        data=LETTER,
        headers=OURS | {"HX-Request": "true", "HX-Current-URL": "http://localhost/w/x/settings"},
    )

    assert answer.status_code == 401
    assert 'id="signed-out"' in answer.text
    assert 'name="next" value="/w/x/settings"' in answer.text


def test_a_save_in_the_background_of_an_older_session_gets_a_token_that_counts(
    client: FlaskClient,
    hannah: Workspace,
    session,
    csrf_on,  # noqa: F811
) -> None:
    page = client.get("/sign-in")
    client.post("/sign-in", data=_login() | {"csrf_token": token_in(page.text)})
    background = OURS | {"HX-Request": "true", "X-CSRFToken": "of the session before"}

    refused = client.post(f"/w/{hannah.slug}/settings", data=LETTER, headers=background)
    background["X-CSRFToken"] = refused.headers["X-CSRFToken"]
    answer = client.post(f"/w/{hannah.slug}/settings", data=LETTER, headers=background)

    assert (refused.status_code, refused.text) == (401, "")
    assert answer.status_code < 400
    assert session.scalar(select(Workspace.name)) == "The Hungry Gap <b>"


def test_a_session_that_was_ended_elsewhere_keeps_the_form(
    app, client: FlaskClient, cast: Cast
) -> None:
    user = person()
    workspace = factories.make_workspace(user)
    sign_in(client, user)
    other = app.test_client()
    sign_in(other, user)
    other.post("/profile/security/sessions/end")

    answer = client.post(f"/w/{workspace.slug}/settings", data=LETTER, headers=OURS)

    assert answer.status_code == 401
    assert "The Hungry Gap" in _kept(answer.text)


def _login() -> dict[str, str]:
    return {"email": "hannah@allotmentpost.example", "password": PASSWORD}


def _kept(page: str) -> str:
    import html
    import re

    found = re.search(r'name="kept" value="([^"]*)"', page)
    assert found is not None
    kept = html.unescape(found[1])
    json.loads(kept)
    return kept
