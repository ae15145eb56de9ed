"""Whoever is signed out while they write loses nothing."""

import pytest
from playwright.sync_api import Page, expect

from mailrith.demo.sample import EMAIL, PASSWORD
from tests.journeys.steps import WORKSPACE, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

BEFORE = "Dear reader, the frost"
AFTER = "Dear reader, the frost came on Tuesday, and the beans did not mind."


@pytest.mark.usefixtures("stage")
def test_a_draft_is_there_again_after_the_sign_in(page: Page) -> None:
    write_and_be_signed_out(page)

    page.get_by_label("Body in Markdown").fill(AFTER)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(dialog.get_by_label("Email")).to_have_value(EMAIL)
    expect(page.locator("#saved")).to_contain_text("Not saved")

    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in and go on").click()

    expect(page.get_by_role("alert").or_(page.locator(".toast"))).to_contain_text("is back")
    it_is_kept(page)


@pytest.mark.usefixtures("stage")
def test_a_wrong_password_does_not_cost_the_draft(page: Page) -> None:
    write_and_be_signed_out(page)
    letter = page.url
    page.get_by_label("Body in Markdown").fill(AFTER)
    dialog = page.get_by_role("dialog")

    dialog.get_by_label("Password").fill("not this at all")
    dialog.get_by_role("button", name="Sign in and go on").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url(letter)
    it_is_kept(page)


@pytest.mark.usefixtures("stage")
def test_a_sign_in_elsewhere_lets_the_page_go_on_saving(page: Page) -> None:
    write_and_be_signed_out(page)
    elsewhere = page.context.new_page()
    sign_in(elsewhere)
    elsewhere.close()

    page.get_by_label("Body in Markdown").fill(AFTER)

    it_is_kept(page)


@pytest.mark.usefixtures("stage")
def test_words_of_another_day_do_not_cover_newer_ones(page: Page) -> None:
    """They were kept, the letter went on without them: both are shown."""
    write_and_be_signed_out(page)
    page.get_by_label("Body in Markdown").fill(AFTER)
    expect(page.get_by_role("dialog")).to_be_visible()
    letter = page.url
    elsewhere = page.context.browser.new_context(base_url=page.url)
    other = elsewhere.new_page()
    sign_in(other)
    other.goto(letter)
    with other.expect_response(lambda answer: answer.request.method == "POST"):
        other.get_by_label("Body in Markdown").fill("Written later, at the desk.")
    elsewhere.close()

    sign_in(page)
    with page.expect_console_message(lambda message: "409" in message.text):
        page.goto(letter)

    expect(page.locator("#conflict, .conflict").first).to_contain_text(
        "Written later, at the desk."
    )
    expect(page.locator("#conflict, .conflict").first).to_contain_text("did not mind")


def write_and_be_signed_out(page: Page) -> None:
    """In one tab a draft that has been saved, and in another the press that ends the session."""
    sign_in(page)
    page.goto(f"{WORKSPACE}/broadcasts")
    press(page.get_by_role("button", name="Create Broadcast").first)
    saved(page, BEFORE)
    other = page.context.new_page()
    other.goto(f"{WORKSPACE}/broadcasts")
    other.locator(".me-menu summary").click()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()


def saved(page: Page, text: str) -> None:
    """Each save gives the letter its next version."""
    version = page.locator("#version")
    before = int(version.input_value())
    page.get_by_label("Body in Markdown").fill(text)
    expect(version).to_have_value(str(before + 1))


def it_is_kept(page: Page) -> None:
    """On the page, and after a reload, which comes from the server."""
    body = page.get_by_label("Body in Markdown")
    expect(body).to_have_value(AFTER)
    expect(page.locator("#version")).to_have_value("3")
    expect(page.locator("#saved")).to_contain_text("Saved")
    page.reload()
    expect(body).to_have_value(AFTER)
