"""Links as they stand in the installation's own mails, and what people press at the front door."""

from typing import Any

from flask_security import hash_password
from playwright.sync_api import Page

from mailrith.accounts import actions, links
from mailrith.core.db import db
from mailrith.demo.sample import EMAIL, PASSWORD
from tests.support.factories import make_user


def make(ids: dict[str, Any]) -> None:
    """A link of each kind that works, one that has run out, and somebody without a workspace."""
    asked, late = (
        actions.sign_up(
            name="Bruno",
            email_key=f"{name}@people.example",
            password_hash=hash_password("a sentence about leeks"),
            time_zone="Europe/London",
        )
        for name in ("bruno", "late")
    )
    ids["confirm"] = _token(links.confirm_url(asked))
    ids["confirm_late"] = _token(links.confirm_url(late))
    late.round += 1
    ids["reset"] = _token(links.reset_url(ids["user"]))
    ids["welcome"] = _token(actions.make_owner_link())
    ids["homeless"] = make_user("Priya")
    db.session.commit()


def sign_up(page: Page) -> None:
    """As far as the button."""
    page.locator("[name=name]").fill("Hannah Okafor")
    page.locator("[name=email]").fill("hannah.okafor@allotmentpost.example")
    page.locator("[name=password]").fill("rhubarb in the rain")


def ask_for_an_account(page: Page) -> None:
    """With the button."""
    sign_up(page)
    _send(page)


def sign_in_unconfirmed(page: Page) -> None:
    """With the right password of an address that was never confirmed."""
    page.locator("[name=email]").fill("bruno@people.example")
    page.locator("[name=password]").fill("a sentence about leeks")
    _send(page)


def short_password(page: Page) -> None:
    """While it is still too short."""
    page.locator("[name=password]").fill("parsnips1")


def refuse_name(page: Page) -> None:
    """Saved without a name."""
    page.locator("[name=name]").fill("   ")
    page.locator(".savebar button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def another_zone(page: Page) -> None:
    """Chosen, not saved."""
    page.locator("[name=time_zone]").select_option("Asia/Tokyo")
    page.locator("#zone-change .notice").wait_for()


def lose_the_session(page: Page) -> None:
    """Saved after the session ended."""
    page.context.clear_cookies()
    page.locator("[name=name]").fill("The Hungry Gap")
    page.locator(".savebar button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def come_back(page: Page) -> None:
    """And signed in again."""
    lose_the_session(page)
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    _send(page)


def be_signed_out(page: Page) -> None:
    """While a letter is being written."""
    page.context.clear_cookies()
    page.locator("#subject").fill("The hungry gap, and what to eat in it")
    page.locator("#markdown").fill("Good morning,\n\nthe frost came on Tuesday.")
    page.locator("#signed-out[open]").wait_for()


def _send(page: Page) -> None:
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


def _token(url: str) -> str:
    return url.rpartition("/")[2]
