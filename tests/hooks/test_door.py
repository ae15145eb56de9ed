"""The door before the app: what is a webhook, what is not, and what a sender hears when something of ours is broken."""

import io
import json

import pytest
import structlog

from mailrith.connections import credentials
from mailrith.core.db import db
from mailrith.events import actions
from mailrith.hooks import door
from tests.support import factories
from tests.support.factories_events import signed

pytestmark = [
    pytest.mark.usefixtures("run_jobs"),
    pytest.mark.parametrize("app", ["sqlite"], indirect=True),
]


@pytest.fixture
def hook(cast):
    connection = factories.make_connection(cast.workspace)
    credentials.make_hook_secrets(connection)
    db.session.commit()
    return connection, credentials.hook_secrets(connection)


@pytest.fixture
def path(hook):
    return f"/hooks/{hook[0].public_id}/{hook[1].path_secret}"


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/x", "/hooks/x/", "/hooks//x", "/hooks/x/y/z"])
def test_what_is_no_webhook_is_a_page_s_matter(client, path):
    answer = client.post(path)

    assert answer.status_code in {400, 404}
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options"])
def test_whoever_reads_there_is_told_to_post(client, path, method):
    answer = getattr(client, method)(path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "POST" in answer.json["message"]


def test_an_answer_is_json_that_no_browser_takes_for_a_page(client, path, hook):
    body = b'{"event": "test"}'

    answer = client.post(path, data=body, headers=signed(hook[1].signing_secret, body))

    assert answer.data == b'{"message":"Stored."}\n'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_a_mistake_of_ours_costs_no_event_and_shows_no_secret(client, path, hook, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    log = io.StringIO()
    monkeypatch.setattr(door, "log", structlog.wrap_logger(structlog.PrintLogger(log)))
    monkeypatch.setattr(actions, "store", broken)
    body = json.dumps({"event": "test"}).encode()

    answer = client.post(path, data=body, headers=signed(hook[1].signing_secret, body))

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "ZeroDivisionError" in log.getvalue()
    assert hook[1].path_secret not in log.getvalue()
    assert hook[1].signing_secret not in log.getvalue()
