from dataclasses import replace

from flask.testing import FlaskClient

from mailrith.core import config
from tests.support.cast import Cast
from tests.support.front_door import (
    PASSWORD,
    _forgetful_limits,  # noqa: F401 - fixture
    person,
    sign_in,
    statements,  # noqa: F401 - fixture
)

SHEET = "/static/css/base.css"


def test_pages_are_kept_by_no_proxy_and_files_of_a_version_by_all(client: FlaskClient) -> None:
    page = client.get("/sign-in")

    assert page.headers["Cache-Control"] == "private, no-cache"
    with client.get(SHEET + "?v=abc") as file:
        assert "immutable" in file.headers["Cache-Control"]
    with client.get(SHEET) as unversioned:
        assert "immutable" not in unversioned.headers["Cache-Control"]


def test_a_file_that_proxies_keep_never_carries_a_session(session, client: FlaskClient) -> None:
    user = person()
    data = {"email": user.email, "password": PASSWORD, "remember": "y"}
    assert "Set-Cookie" in client.post("/sign-in", data=data).headers

    moved = {"REMOTE_ADDR": "198.51.100.9"}
    with client.get(SHEET + "?v=abc", environ_base=moved) as file:
        assert file.status_code == 200
        assert "Set-Cookie" not in file.headers


def test_a_file_costs_no_query(
    session,
    client: FlaskClient,
    cast: Cast,
    statements,  # noqa: F811
) -> None:
    sign_in(client, person())

    with statements() as seen:
        client.get(SHEET).close()

    assert seen == []


def test_https_is_demanded_once_the_public_address_has_it(client: FlaskClient) -> None:
    plain = client.get("/sign-in")
    config.install(replace(config.current(), public_url="https://news.example.org"))
    secure = client.get("/sign-in")

    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")


def test_no_policy_lets_anything_in_from_elsewhere(client: FlaskClient) -> None:
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert not {"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} & set(policy.split())
    assert "unsafe" not in policy


def test_links_of_mails_do_not_leak_to_other_sites(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Referrer-Policy"] == "same-origin"
