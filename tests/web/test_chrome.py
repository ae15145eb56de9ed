"""What stands around every page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy.orm import scoped_session

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.delivery.models import RunPhase
from mailrith.subscribers.models import SubscriberStatus
from mailrith.web import chrome
from tests.support import factories
from tests.support.cast import Cast, sign_in
from tests.support.factories_broadcasts import make_broadcast, make_run
from tests.support.front_door import statements  # noqa: F401 - fixture


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    chrome._pulse.clear()
    chrome._counted.clear()


def test_only_people_who_get_letters_are_counted(signed_in: FlaskClient, cast: Cast) -> None:
    for status in SubscriberStatus:
        factories.make_subscriber(cast.workspace, status=status)
    factories.make_subscriber(cast.elsewhere)

    assert '<span class="count">1</span>' in _settings(signed_in, cast)


def test_a_slow_count_is_remembered_and_a_quick_one_is_not(
    session: scoped_session[Any], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chrome, "SLOW_SECONDS", -1)
    first = chrome._active(cast.workspace)
    monkeypatch.setattr(chrome, "SHARE", 1e9)
    chrome._counted.clear()
    chrome._active(cast.workspace)
    factories.make_subscriber(cast.workspace)
    remembered = chrome._active(cast.workspace)
    chrome._counted.clear()
    monkeypatch.setattr(chrome, "SLOW_SECONDS", 60)

    assert (first, remembered, chrome._active(cast.workspace)) == (0, 0, 1)


def test_a_page_says_so_when_no_worker_runs(signed_in: FlaskClient, cast: Cast) -> None:
    assert "No worker is running" in _settings(signed_in, cast)


def test_a_page_is_quiet_when_a_worker_runs(signed_in: FlaskClient, cast: Cast) -> None:
    chrome._pulse[config.current().redis_url] = (float("inf"), True)

    assert 'class="banner"' not in _settings(signed_in, cast)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"public_url": "http://news.example.org"}, True),
        ({"public_url": "https://localhost"}, True),
        ({"public_url": "https://news.example.org"}, False),
        ({"public_url": "http://127.0.0.1:8000", "demo": True}, False),
    ],
)
@pytest.mark.any_database
def test_pages_about_sending_say_that_links_reach_nobody(
    signed_in: FlaskClient, cast: Cast, changes: dict[str, Any], said: bool
) -> None:
    chrome._pulse[config.current().redis_url] = (float("inf"), True)
    config.install(replace(config.current(), **changes))

    page = signed_in.get(f"/w/{cast.workspace.slug}/connections").text

    assert ("Only local connections send" in page) is said
    assert "Only local connections send" not in _settings(signed_in, cast)


def test_what_can_be_taken_back_shows_on_every_page(signed_in: FlaskClient, cast: Cast) -> None:
    connection = factories.make_connection(cast.workspace)
    going = make_broadcast(cast.workspace, subject="The hungry gap", status=BroadcastStatus.RUNNING)
    make_run(
        going,
        connection,
        phase=RunPhase.QUEUED,
        not_before=now() + timedelta(seconds=25),
        confirmed_count=12480,
    )

    page = _settings(signed_in, cast)

    assert "Sending to 12,480 people" in page
    assert f'action="/w/{cast.workspace.slug}/broadcasts/{going.public_id}/undo"' in page


def test_it_is_not_offered_once_the_first_message_may_have_left(
    signed_in: FlaskClient, cast: Cast
) -> None:
    connection = factories.make_connection(cast.workspace)
    going = make_broadcast(cast.workspace, status=BroadcastStatus.RUNNING)
    make_run(going, connection, not_before=now() - timedelta(seconds=1))

    page = _settings(signed_in, cast)

    assert "Undo" not in page
    assert 'aria-label="Sending now"' in page


def test_it_costs_few_queries(
    client: FlaskClient,
    cast: Cast,
    statements,  # noqa: F811
) -> None:
    for number in range(5):
        factories.make_workspace(cast.alice, name=f"Workspace {number}")
    sign_in(client, cast.alice)
    address = f"/w/{cast.workspace.slug}/settings"
    client.get(address)

    with statements() as seen:
        client.get(address)

    assert len([line for line in seen if line.startswith("SELECT")]) <= 7


def test_a_page_that_shows_none_of_it_asks_for_none_of_it(app, session, statements) -> None:  # noqa: F811
    from flask import render_template_string

    with app.test_request_context("/"), statements() as seen:
        g.pop("chrome", None)
        render_template_string("Hello")

    assert seen == []


def _settings(client: FlaskClient, cast: Cast) -> str:
    return client.get(f"/w/{cast.workspace.slug}/settings").text
