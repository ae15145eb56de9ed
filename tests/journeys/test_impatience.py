"""Whoever presses faster than the page saves must not collide with themselves."""

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.steps import WORKSPACE, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

SLOW_SECONDS = 0.7


@pytest.mark.parametrize("wait_ms", [0, 400], ids=["before the save", "during the save"])
@pytest.mark.usefixtures("stage")
def test_a_quick_press_waits_for_the_save(page: Page, wait_ms: int) -> None:
    sign_in(page)
    page.goto(f"{WORKSPACE}/broadcasts")
    press(page.get_by_role("button", name="Create Broadcast").first)
    page.route(re.compile(r"/(letter|audience)$"), slowly)

    page.get_by_label("Subject").fill("Written in a hurry")
    page.get_by_label("Body in Markdown").fill("Dear reader, quick.")
    page.wait_for_timeout(wait_ms * 2.5)  # letters are saved 0.8 s after the last key
    page.get_by_role("button", name="Continue").first.click()
    page.wait_for_url(re.compile(r"/audience$"))

    page.get_by_role("radio", name=re.compile("Everyone in")).check()
    page.get_by_role("radio", name=re.compile("^Local inbox")).check()
    page.wait_for_timeout(wait_ms)  # choices are saved after a quarter of a second
    page.get_by_role("button", name="Continue to review").click()
    expect(page.get_by_role("heading", name="Ready to send")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("How it arrives")).to_contain_text("Written in a hurry")


def slowly(route: Route) -> None:
    if route.request.method == "POST":
        time.sleep(SLOW_SECONDS)
    route.continue_()
