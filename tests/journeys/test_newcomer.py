"""Somebody new: an account, a workspace, and the first readers."""

import re

import pytest
from playwright.sync_api import Page, expect

from mailrith.demo.reading import parts_of
from tests.journeys.stage import Stage
from tests.journeys.steps import letters, press, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

EMAIL = "wren@holloway.example"
PASSWORD = "a-slow-sunday-in-the-shed"
LIST = "ada@readers.example, Ada Lovell\nben@readers.example, Ben Marsh\nno address at all"


def test_a_newcomer_signs_up_confirms_and_brings_a_list(page: Page, stage: Stage) -> None:
    sign_up(page)
    confirm(page, stage)
    create_workspace(page)
    bring_list(page)


def sign_up(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name=re.compile("Create")).click()
    page.get_by_label("Name", exact=False).first.fill("Wren Holloway")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()


def confirm(page: Page, stage: Stage) -> None:
    """Through the link in the mail; opening it is not enough."""
    [letter] = wait_for(lambda: letters(stage, EMAIL), "the mail with the link")
    link = re.search(r"http://\S+", parts_of(letter).text)
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_role("heading", name="No workspace yet")).to_be_visible()


def create_workspace(page: Page) -> None:
    page.get_by_label("What is it called?").fill("Seed Library")
    page.get_by_role("button", name="Create workspace").click()
    page.wait_for_url(re.compile(r"/w/seed-library"))


def bring_list(page: Page) -> None:
    """Pasted addresses, by all the steps of an import. One line is no address."""
    page.goto("/w/seed-library/subscribers")
    press(page.get_by_role("link", name="Import").first)
    page.get_by_text("Paste").first.click()
    page.locator("textarea[name=pasted]").fill(LIST)
    press(page.get_by_role("button", name="Continue"))
    press(page.get_by_role("button", name="Continue"))
    page.get_by_label("Where they said so").fill("A sheet of paper at the spring fair")
    page.get_by_label("When").fill("2026-04-18")
    page.locator("input[name=true_for_all]").check()
    page.get_by_role("button", name="Check every row").click()
    page.get_by_role("button", name="Import 2 people").click(timeout=30_000)
    expect(page.get_by_role("heading", name="2 people are in")).to_be_visible(timeout=30_000)
    page.goto("/w/seed-library/subscribers")
    expect(page.get_by_role("row").filter(has_text="ada@readers.example")).to_have_count(1)
