"""A token that is signed instead of the body is good for one body."""

import pytest

from mailrith.core import queue
from mailrith.core.errors import TooMany
from mailrith.events import single_use
from mailrith.events.reports import BadSignature

TOKEN = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0"


def test_a_token_comes_again_only_with_the_same_body(app):
    assert single_use.bind(TOKEN, b"body") is None
    assert single_use.bind(TOKEN, b"body") is None
    assert isinstance(single_use.bind(TOKEN, b"another"), BadSignature)
    assert single_use.bind(TOKEN, b"body") is None


def test_each_token_has_a_body_of_its_own(app):
    assert single_use.bind(TOKEN, b"body") is None
    assert single_use.bind(f"{TOKEN}1", b"another") is None


def test_a_token_is_kept_for_a_day_and_nobody_can_read_it(app):
    single_use.bind(TOKEN, b"body")

    client = queue.connect()
    [name] = client.keys("mailrith:once:*")
    assert TOKEN.encode() not in name
    assert 86_000 < client.ttl(name) <= 86_400


def test_without_valkey_nothing_is_taken_and_the_service_comes_again(app, monkeypatch):
    monkeypatch.setattr(
        queue, "connect", lambda real=queue.connect, **how: real("redis://127.0.0.1:1/0", **how)
    )

    with pytest.raises(TooMany):
        single_use.bind(TOKEN, b"body")
