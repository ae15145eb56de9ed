"""Sending to many asks for the number, and can be taken back before the first letter leaves."""

import re

import pytest
from playwright.sync_api import Page, expect

from mailrith.demo.letters import DRAFT_SUBJECT
from tests.journeys.stage import UNDO_SECONDS, Stage
from tests.journeys.steps import WORKSPACE, letters, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]


def test_a_send_to_many_is_confirmed_and_then_undone(page: Page, stage: Stage) -> None:
    sign_in(page)
    people = review(page)
    assert people > 100

    confirm(page, people)
    undo(page)

    page.wait_for_timeout((UNDO_SECONDS + 3) * 1000)  # what must not happen would happen now
    assert letters(stage, DRAFT_SUBJECT, subject=DRAFT_SUBJECT) == []
    page.goto(f"{WORKSPACE}/broadcasts")
    expect(page.get_by_role("row").filter(has_text=DRAFT_SUBJECT)).to_contain_text("Draft")


def review(page: Page) -> int:
    page.goto(f"{WORKSPACE}/broadcasts")
    press(page.get_by_role("link", name=DRAFT_SUBJECT).first)
    press(page.get_by_role("button", name="Continue").first)
    press(page.get_by_role("button", name="Continue to review"))
    button = page.get_by_role("button", name=re.compile(r"^Send to [\d,]+ people$"))
    return int(re.sub(r"\D", "", button.inner_text()))


def confirm(page: Page, people: int) -> None:
    """A wrong number is refused with a sentence; the right one is taken with or without separators."""
    send = page.get_by_role("button", name=re.compile(r"^Send to "))
    number = page.get_by_label(re.compile("Type .* to confirm"))
    number.fill(str(people - 1))
    if send.is_enabled():
        send.click()
    expect(page.get_by_role("heading", name="Ready to send")).to_be_visible()
    number.fill(str(people))
    send.click()


def undo(page: Page) -> None:
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Ready to send")).to_be_visible()
