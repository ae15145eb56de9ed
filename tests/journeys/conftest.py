"""A real browser, and a whole installation on each database."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.journeys import stage as stages
from tests.support import databases
from tests.support.chromium import PATIENCE_MS

# With --dist loadgroup the stories on one database share a process, as its installation takes long to start.
ENGINES = [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("sqlite", "postgresql")
]


@pytest.fixture(scope="session", params=ENGINES)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[stages.Stage]:
    """The installation, once for each engine; the stories share it."""
    folder: Path = tmp_path_factory.mktemp("stage")
    with ExitStack() as stack:
        make = databases.postgresql if request.param == "postgresql" else databases.sqlite
        url = stack.enter_context(make())
        yield stack.enter_context(stages.installation(url, folder))


@pytest.fixture
def page(browser: Browser, stage: stages.Stage) -> Iterator[Page]:
    """A window of a fresh browser."""
    with window(browser, stage) as page:
        yield page


@pytest.fixture
def plain_page(browser: Browser, stage: stages.Stage) -> Iterator[Page]:
    """A window of a fresh browser that runs no script."""
    with window(browser, stage, java_script_enabled=False) as page:
        yield page


@contextmanager
def window(browser: Browser, stage: stages.Stage, **options: Any) -> Iterator[Page]:
    """A script error or a broken policy fails the test."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # What a page asks or refuses belongs to the story; browsers call such answers errors.
        if message.type == "error" and not re.search("status of (401|409|422)", message.text):
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    context = browser.new_context(
        base_url=stage.url, locale="en-GB", timezone_id="Europe/London", **options
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints, complaints
