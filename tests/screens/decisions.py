"""What asks a person before it goes on: an hour that is there twice, more people than agreed, a time that passed, a limit."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page
from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run
from tests.support.factories_broadcasts import make_broadcast


def make(ids: dict[str, Any], workspace: Workspace, connection: Connection) -> None:
    """A broadcast whose time passed while nothing ran, and one held since its audience grew. Commits."""
    ids["late"] = make_broadcast(
        workspace,
        subject="Frost on Thursday, cover the beans",
        connection_id=connection.id,
        status=BroadcastStatus.SCHEDULED,
        scheduled_at=now() - timedelta(hours=3, minutes=12),
        scheduled_by=ids["user"].id,
        created_by=ids["user"].id,
        confirmed_count=412,
        late=True,
        late_words="Nothing was running when its time came, so it asks before it goes out.",
    ).public_id
    held = db.session.scalars(select(Run).where(Run.source_public_id == ids["held"])).one()
    held.confirmed_count, held.started_at = 2430, None
    db.session.commit()


def ask_for_the_hour_that_is_there_twice(page: Page) -> None:
    """When the clocks go back in London."""
    _plan(page, _last_sunday(10))


def ask_for_the_hour_that_is_not_there(page: Page) -> None:
    """When the clocks go forward in London."""
    _plan(page, _last_sunday(3))


def delete_what_was_sent(page: Page) -> None:
    """By a page that was opened before."""
    page.locator("dialog[open] button[type=submit]").click()
    page.locator(".oops").wait_for()


def try_too_often(page: Page) -> None:
    """One address and eleven passwords, the last of them by hand. Who comes later meets the limit at once."""
    guess = {"email": "somebody@people.example", "password": "one more guess"}
    token = page.locator("main [name=csrf_token]").input_value()
    for _ in range(10):
        if page.request.post(page.url, form=guess | {"csrf_token": token}).status == 429:
            break
    for name, value in guess.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button[type=submit]").first.click()
    page.locator(".oops").wait_for()


def _plan(page: Page, day: date) -> None:
    page.locator("[name=when][value=later]").check()
    page.locator("#day").fill(day.isoformat())
    page.locator("#at_time").fill("01:30")
    page.locator("#when-question fieldset").wait_for()
    page.locator("#when").scroll_into_view_if_needed()


def _last_sunday(month: int) -> date:
    """The next one to come, at the end of a month of 31 days."""
    today = datetime.now(ZoneInfo("Europe/London")).date()
    ends = (date(year, month, 31) for year in (today.year, today.year + 1))
    sundays = (end - timedelta(days=(end.weekday() + 1) % 7) for end in ends)
    return next(sunday for sunday in sundays if sunday > today)
