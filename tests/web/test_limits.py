from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mailrith.app import create_app
from mailrith.core import config
from mailrith.core.db import db
from mailrith.web import limits
from tests.support.front_door import _forgetful_limits, person  # noqa: F401 - fixture


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_one_customer_of_ipv6_is_one_network(app: Flask, address: str, network: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert limits.network() == network


def test_addresses_never_reach_the_counter_in_clear(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"email": "Ada@Example.com "}):
        seen = limits._address()
    with app.test_request_context("/", method="POST", data={"email": "ada@example.com"}):
        same = limits._address()

    assert seen == same
    assert "ada" not in seen


def test_a_trusted_proxy_is_believed_and_only_its_last_word(session, limiter_as_it_was) -> None:
    behind = create_app(replace(config.current(), trusted_proxies=1))
    behind.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client: FlaskClient = behind.test_client()
    seen: list[str] = []
    behind.before_request(lambda: seen.append(limits.network()))

    client.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

    with behind.app_context():
        db.engine.dispose()
    assert seen == ["198.51.100.7"]


def test_limits_hold_while_redis_is_away(session, limiter_as_it_was) -> None:
    email = person().email
    session.rollback()
    away = create_app(replace(config.current(), redis_url="redis://127.0.0.1:1/0"))
    away.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    client = away.test_client()
    wrong = {"email": email, "password": "not this one at all"}

    answers = [client.post("/sign-in", data=wrong).status_code for _ in range(11)]

    with away.app_context():
        db.engine.dispose()
    assert answers == [422] * 10 + [429]


@pytest.fixture
def limiter_as_it_was() -> Iterator[None]:
    """The one limiter of the process follows the app that was made last; give it back."""
    before = dict(vars(limits.limiter))
    yield
    vars(limits.limiter).update(before)
