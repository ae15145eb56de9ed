"""Unsubscribe links name an address, cannot be made by others, and test mails carry one that does nothing."""

import pytest

from mailrith.core import config, tokens
from mailrith.subscribers import links

FINGERPRINT = bytes(range(16))


def token():
    return links.unsubscribe_url(1, 2, FINGERPRINT, 3).rpartition("/")[2]


def test_link_says_who_and_which_message():
    claim = links.read_unsubscribe(token())

    assert claim == links.UnsubscribeClaim(1, 2, FINGERPRINT, 3)


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_changed_link_says_nothing(place):
    text = token()
    place = min(place, len(text) - 1)
    changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]

    assert links.read_unsubscribe(changed) is None


def test_token_for_another_purpose_unsubscribes_nobody():
    other = tokens.sign("confirm", tokens.read(links.PURPOSE, token()))

    assert links.read_unsubscribe(other) is None


@pytest.mark.parametrize("text", ["", "test", "A" * 10_000, "é", "%00"])
def test_nonsense_says_nothing(text):
    assert links.read_unsubscribe(text) is None


def test_link_survives_a_new_key(make_settings):
    old = token()
    new_key = config.Key("k2", bytes(range(32, 64)))
    config.install(make_settings(database_url="sqlite:///", keys=(new_key, *config.current().keys)))

    assert links.read_unsubscribe(old) is not None


def test_test_mails_get_a_link_that_is_no_token():
    assert links.read_unsubscribe(links.test_unsubscribe_url().rpartition("/")[2]) is None


@pytest.fixture(autouse=True)
def settings(make_settings):
    config.install(make_settings(database_url="sqlite:///"))
