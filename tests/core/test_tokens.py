from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.core import config, tokens
from tests.conftest import KEY

NEW = config.Key("k2", bytes(range(1, 33)))


def test_a_token_gives_back_its_payload() -> None:
    token = tokens.sign("unsubscribe", b"payload")

    assert tokens.read("unsubscribe", token) == b"payload"


def test_a_token_is_worthless_for_another_purpose() -> None:
    token = tokens.sign("unsubscribe", b"payload")

    assert tokens.read("confirm", token) is None


def test_every_changed_character_makes_a_token_worthless() -> None:
    token = tokens.sign("unsubscribe", b"payload")

    for index, character in enumerate(token):
        changed = token[:index] + ("A" if character != "A" else "B") + token[index + 1 :]
        assert tokens.read("unsubscribe", changed) is None


def test_a_token_of_an_old_key_still_reads_after_rotation(settings: config.Settings) -> None:
    token = tokens.sign("unsubscribe", b"payload")

    config.install(replace(settings, keys=(NEW, KEY)))

    assert tokens.read("unsubscribe", token) == b"payload"


def test_a_token_dies_with_its_key(settings: config.Settings) -> None:
    token = tokens.sign("unsubscribe", b"payload")

    config.install(replace(settings, keys=(NEW,)))

    assert tokens.read("unsubscribe", token) is None


@given(st.text(max_size=600))
def test_no_text_breaks_the_reader(text: str) -> None:
    config.install(config.Settings(keys=(KEY,), database_url="sqlite://", redis_url="redis://"))

    assert tokens.read("unsubscribe", text) is None


@pytest.fixture(autouse=True)
def settings() -> config.Settings:
    settings = config.Settings(keys=(KEY,), database_url="sqlite://", redis_url="redis://")
    config.install(settings)
    return settings
