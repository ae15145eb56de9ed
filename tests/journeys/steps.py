"""Steps that several stories share."""

import re
import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Locator, Page, expect

from mailrith.demo.mailbox import Letter, Mailbox
from mailrith.demo.sample import EMAIL, PASSWORD
from tests.journeys.stage import Stage

WORKSPACE = "/w/the-allotment-post"

T = TypeVar("T")


def sign_in(page: Page, email: str = EMAIL, password: str = PASSWORD) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/w/"))


def press(target: Locator) -> None:
    """Press what leads to another page, and go on when its scripts listen: nobody is faster than that but a program."""
    with target.page.expect_event("load"):
        target.click()


def status_of(page: Page, email: str) -> str:
    """What the list of subscribers says about one person."""
    page.goto(f"{WORKSPACE}/subscribers?q={email}")
    row = page.get_by_role("row").filter(has_text=email)
    expect(row).to_have_count(1)
    return row.locator(".status").last.inner_text().strip()


def letters(stage: Stage, text: str, *, subject: str | None = None) -> list[Letter]:
    """The mails in the inbox that fit, newest first."""
    found = Mailbox(stage.folder).find(text, limit=1000)
    return [letter for letter in found if subject in {None, letter.subject}]


def wait_for(look: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """Ask again until there is an answer. Real processes work at their own pace."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} s")
