"""Everything essential works in a browser that runs no script: somebody new is added, written to, and leaves."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stage import Stage
from tests.journeys.steps import WORKSPACE, letters, sign_in, status_of, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

READER = "olive@quietbrowser.example"
TAG = "Quiet browsers"
SUBJECT = "A letter written without scripts"


def test_the_whole_way_works_without_scripts(plain_page: Page, stage: Stage) -> None:
    sign_in(plain_page)
    add_reader(plain_page)
    write(plain_page)
    choose(plain_page)
    send(plain_page)

    [letter] = wait_for(lambda: letters(stage, READER, subject=SUBJECT), "the letter")
    follow(plain_page)

    leave(plain_page, letter.raw)
    assert status_of(plain_page, READER) == "Unsubscribed"


def add_reader(page: Page) -> None:
    page.goto(f"{WORKSPACE}/subscribers")
    page.get_by_role("link", name="Add Subscriber").click()
    page.get_by_role("textbox", name="Email").fill(READER)
    page.get_by_label("New tag").fill(TAG)
    page.get_by_label("Where they said so").fill("A sheet of paper at the spring fair")
    page.locator("[name=collected_on]").fill("2026-04-18")
    page.get_by_role("button", name="Add Subscriber").click()
    assert status_of(page, READER) == "Active"


def write(page: Page) -> None:
    page.goto(f"{WORKSPACE}/broadcasts")
    page.get_by_role("button", name="Create Broadcast").first.click()
    page.get_by_label("Subject").fill(SUBJECT)
    page.get_by_label("Body in Markdown").fill("Dear reader,\n\nit works **anyway**.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Body in Markdown")).to_have_value(re.compile("it works"))
    expect(page.frame_locator("#preview").get_by_text("anyway")).to_be_visible()
    page.get_by_role("button", name="Continue").first.click()


def choose(page: Page) -> None:
    """The tag alone says it; nothing moves before the button."""
    page.get_by_role("radio", name="People with tags").check()
    page.get_by_text(TAG, exact=True).first.click()
    page.get_by_role("radio", name=re.compile("^Local inbox")).check()
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="Ready to send")).to_be_visible()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send to 1 person").click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()


def follow(page: Page) -> None:
    """By reloading: the end leads to the report."""

    def over() -> bool:
        page.reload()
        return page.get_by_role("link", name="Open the report").is_visible()

    wait_for(over, "the end of the sending", seconds=60)
    expect(page.locator(".hero-n")).to_have_text("1")
    page.get_by_role("link", name="Open the report").click()
    expect(page.get_by_role("heading", name=SUBJECT)).to_be_visible()


def leave(page: Page, raw: bytes) -> None:
    """By the address that the letter names for it."""
    found = re.search(rb"List-Unsubscribe:\s*<(http[^>]+)>", raw)
    assert found is not None
    page.goto(found[1].decode())
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
