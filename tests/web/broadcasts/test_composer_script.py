"""What is typed into a letter before its scripts are there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.connections.test_form_script import address, open_page  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("app", ["sqlite"], indirect=True),  # nothing here differs by database
]

COMPOSER = re.compile(r"/composer\.")
EARLY = "Typed while the page was on its way"


@pytest.fixture
def letter(address: str, at) -> str:  # noqa: F811
    """Where the letter is written."""
    return address.partition("/w/")[0] + at("letter")


@pytest.fixture
def window(open_page, letter: str) -> Page:  # noqa: F811
    """A window at the list of connections."""
    return open_page("")


def test_what_was_typed_before_the_script_came_is_saved_by_itself(window: Page, letter) -> None:
    with typed_early(window, letter):
        pass

    expect(window.locator("#version")).to_have_value("2")
    expect(window.locator("[data-meter=subject]")).to_have_text(f"{len(EARLY)} of 40")
    window.unroute(COMPOSER)
    window.reload()
    expect(window.get_by_label("Subject")).to_have_value(EARLY)


def test_what_the_browser_puts_back_is_not_taken_for_typed(window: Page, letter) -> None:
    """Saved now, it would put old words over newer ones. Firefox has put it back by then, Chromium does so later."""
    window.add_init_script("performance.getEntriesByType = () => [{ type: 'back_forward' }]")
    with typed_early(window, letter):
        window.evaluate("addEventListener('input', () => { window.taken = true; }, true)")

    window.wait_for_load_state("load")
    expect(window.locator("[data-tools]").first).to_be_visible()
    assert window.evaluate("window.taken") is None


@contextmanager
def typed_early(window: Page, letter: str) -> Iterator[None]:
    """A subject is typed while the script is on its way; it arrives at the end of the block."""
    held: list[Route] = []
    window.route(COMPOSER, lambda route: held.append(route))  # noqa: PLW0108 - wants attributes
    with window.expect_request(COMPOSER):
        window.goto(letter, wait_until="commit")
    window.get_by_label("Subject").fill(EARLY)
    yield
    held[0].continue_()
