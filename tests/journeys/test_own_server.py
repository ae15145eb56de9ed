"""Somebody with a server of their own gets five things wrong, one after another, and each time the page says what to mend."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.steps import WORKSPACE, press, sign_in
from tests.support.mailhost import PEOPLE, MailHost

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

HANNAH = "hannah@rig.test"
READER = "reader@list.test"
NAME = "The shed's own server"


def test_every_mistake_with_a_real_server_is_named_and_mended(
    page: Page, mailhost: MailHost, closed_port: int
) -> None:
    sign_in(page)
    add(page, port=closed_port)
    verify(page, "Connection refused", "Check the port")

    change(page, {"Port": str(mailhost.port("owners"))}, security="tls")
    verify(page, "STARTTLS", "port 587")

    change(page, {}, security="starttls")
    verify(page, "authority", "certificate")

    trust(page, mailhost.ca)
    verify(page, "Sign-in refused", "username")

    change(page, {"Password": PEOPLE[HANNAH]})
    verify(page, "Sender address refused", "address that this login may use")

    change(page, {"From email": HANNAH})
    expect(passed(page)).to_be_visible()
    send_a_test(page, mailhost)


def add(page: Page, *, port: int) -> None:
    page.goto(f"{WORKSPACE}/connections/new")
    press(page.get_by_role("link", name=re.compile("^Custom SMTP")))
    fields = {
        "Connection name": NAME,
        "From name": "Hannah at The Allotment Post",
        "From email": "other@rig.test",
        "SMTP Host": "127.0.0.1",
        "Port": str(port),
        "Username": HANNAH,
        "Password": "not the right one",
    }
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Security", exact=True).select_option("starttls")
    save(page)


def change(page: Page, fields: dict[str, str], *, security: str = "") -> None:
    """What moves the sign-in asks for the password again; the wrong one is typed until its turn has come."""
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    if security:
        page.get_by_label("Security", exact=True).select_option(security)
        page.get_by_label("Password", exact=True).fill("not the right one")
    save(page)


def trust(page: Page, pem: str) -> None:
    """Bring the own certificate authority."""
    box = page.get_by_label(re.compile("Own certificate authority"))
    if not box.is_visible():
        page.locator("summary", has_text="Security").click()
    box.fill(pem)
    page.get_by_label("Password", exact=True).fill("not the right one")
    save(page)


def save(page: Page) -> None:
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page.locator(".field-error")).to_have_count(0)


def verify(page: Page, title: str, fix: str) -> None:
    """Press Verify, and read in the failed step what is wrong and what to do."""
    panel = page.locator("#verify")
    panel.get_by_role("button", name=re.compile("^Verify")).click()
    failed = panel.locator("li[data-r=fail]")
    expect(failed).to_contain_text(re.compile(title, re.IGNORECASE))
    expect(failed.locator(".fix")).to_contain_text(re.compile(fix, re.IGNORECASE))


def passed(page: Page) -> Locator:
    panel = page.locator("#verify")
    panel.get_by_role("button", name=re.compile("^Verify")).click()
    return panel.get_by_text(re.compile("^Everything passed"))


def send_a_test(page: Page, mailhost: MailHost) -> None:
    press(page.get_by_role("link", name="Send Test Email").first)
    page.get_by_label("Send it to").fill(READER)
    page.locator("#trial").get_by_role("button", name="Send Test Email").click()
    expect(page.locator("#trial")).to_contain_text(f"{NAME} accepted it")
    assert mailhost.wait_for(rf"to=<{READER}>.*status=sent")
