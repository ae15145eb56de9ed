"""Every main screen, once. A line whose endpoint does not exist is reported as missing, not as an error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.screens.world import World


def _nothing(_world: World) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Screen:
    """`values` fills the address; `press` brings the page into the state of the picture; `status` is what it answers."""

    name: str
    endpoint: str
    values: Callable[[World], dict[str, Any]] = _nothing
    press: Callable[[Page], None] | None = None
    anonymous: bool = False
    status: int = 200
    editor: bool = False  # may be heavier than other pages
    path: str = ""  # instead of an endpoint's address


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]").first.wait_for()
    page.locator("#palette input").fill("rhu")
    page.wait_for_timeout(400)


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")


SCREENS = (
    # ---- coming in
    Screen("signin", "auth.sign_in", anonymous=True),
    # ---- everywhere
    Screen("palette", "broadcasts.index", press=palette),
    Screen("shortcuts", "broadcasts.index", press=shortcuts),
    # ---- errors
    Screen("error-404", "palette.search", path="/w/{ws}/nothing-here", status=404),
    Screen("error-404-outside", "home.index", path="/nothing-here", anonymous=True, status=404),
)
