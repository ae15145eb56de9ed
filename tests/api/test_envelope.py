"""What every answer has: the envelope, a request id, nothing of a browser."""

import pytest
from flask import Flask

from mailrith.api import rates, workspace
from mailrith.app import create_app
from mailrith.core import config
from mailrith.core.db import db
from tests.api.conftest import Program
from tests.support.cast import Cast, sign_in
from tests.support.factories_api import key_for


def error(answer):
    return answer.get_json()["error"]


def test_the_key_selects_the_workspace(program, cast):
    answer = program.get("/workspace")

    assert answer.status_code == 200
    data = answer.get_json()["data"]
    assert data["id"] == str(cast.workspace.public_id)
    assert data["name"] == cast.workspace.name
    assert data["self"] == "/v1/workspace"
    assert data["logo"] is None


def test_anybody_may_ask_what_this_is(program_of):
    nobody = program_of()

    assert nobody.get("").get_json()["openapi_url"].endswith("/v1/openapi.json")
    assert nobody.get("/openapi.json").get_json()["openapi"] == "3.1.0"


def test_a_cookie_is_no_key(app, client, cast):
    sign_in(client, cast.alice)

    answer = client.get("/v1/workspace")

    assert answer.status_code == 401
    assert error(answer)["type"] == "authentication_error"
    assert error(answer)["code"] == "authentication_required"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_no_answer_sets_a_cookie_or_is_kept_by_a_cache(program):
    for answer in (program.get("/workspace"), program.get("/nothing"), program.post("/workspace")):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_type == "application/json"


def test_the_callers_id_comes_back_and_another_is_made_for_nonsense(program):
    named = program.get("/workspace", headers={"x-mailrith-request-id": "req_1"})
    broken = program.get("/workspace", headers={"x-mailrith-request-id": "a b\tc"})

    assert named.headers["X-Mailrith-Request-Id"] == named.headers["X-Request-Id"] == "req_1"
    assert broken.headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize("path", ["/nothing", "/", "/workspace/", "/tags/1/2"])
@pytest.mark.any_database
def test_no_address_is_not_found_in_the_envelope(program, path):
    answer = program.get(path)

    assert answer.status_code == 404
    assert error(answer)["code"] == "not_found"


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_another_method_is_refused_with_what_is_taken(program, method):
    answer = program.ask(method, "/workspace")

    assert answer.status_code == 405
    assert error(answer)["code"] == "method_not_allowed"
    assert answer.headers["Allow"] == "GET"


def test_what_breaks_on_our_side_says_nothing_of_it(app: Flask, program: Program, monkeypatch):
    def break_down(_):
        raise ValueError("a secret of ours")

    monkeypatch.setattr(workspace, "shown", break_down)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = program.get("/workspace")

    assert answer.status_code == 500
    assert error(answer)["type"] == "api_error"
    assert "secret" not in answer.text


def test_keys_that_open_nothing_are_asked_about_so_often_and_good_ones_go_on(
    cast: Cast, monkeypatch
):
    monkeypatch.setattr(rates, "REFUSED_PER_NETWORK", "2 per minute")
    app = create_app(config.current())
    stranger, good = Program(app, "mrk_x"), Program(app, key_for(cast.workspace, cast.alice).secret)

    answers = [stranger.get("/workspace") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert error(answers[-1])["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert good.get("/workspace").status_code == 200
    elsewhere = stranger.get("/workspace", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert elsewhere.status_code == 401
    with app.app_context():
        db.engine.dispose()


def test_no_answer_speaks_of_cookies(program, program_of):
    for answer in (
        program.get("/workspace"),
        program_of().get("/workspace"),
        program.get("/nothing"),
    ):
        assert "Cookie" not in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers


def test_a_key_asks_so_often_and_no_more(program, program_of, cast: Cast, monkeypatch):
    monkeypatch.setattr(rates, "PER_KEY", "2 per minute")
    app = create_app(config.current())
    secrets = [key_for(cast.workspace, cast.alice).secret for _ in range(2)]
    busy, other = (Program(app, secret) for secret in secrets)

    answers = [busy.get("/workspace") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert error(answers[-1])["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert other.get("/workspace").status_code == 200
    with app.app_context():
        db.engine.dispose()
