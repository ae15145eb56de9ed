"""What the scripts do in a real browser, on the page that shows every component."""

import re
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from mailrith.web import filters
from tests.screens import looking
from tests.web.test_components import ROOT, gallery

pytestmark = pytest.mark.journey


def test_a_menu_closes_on_escape_and_gives_the_focus_back(page: Page) -> None:
    summary = page.locator("summary[aria-label='Actions for The hungry gap']")

    summary.click()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Open", exact=True)).to_be_focused()
    page.keyboard.press("Escape")

    expect(summary).to_be_focused()
    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_a_press_elsewhere_closes_the_menu(page: Page) -> None:
    page.locator("summary[aria-label='Actions for The hungry gap']").click()

    page.locator("h1").click()

    expect(page.locator("details.menu[open]")).to_have_count(0)


def test_a_dialog_is_modal_and_goes_back_to_where_it_was_opened(page: Page) -> None:
    page.locator("summary[aria-label='Actions for The hungry gap']").click()
    page.locator("a[data-dialog-open]").click()
    expect(page.locator("#delete-3:modal")).to_be_visible()
    expect(page.get_by_role("button", name="Keep them")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("#delete-3")).to_be_hidden()


def test_ticking_the_head_ticks_the_rows_and_counts_them(page: Page) -> None:
    page.get_by_label("Select this page").check()

    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    page.get_by_label("Select Slug season").uncheck()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    assert page.get_by_label("Select this page").evaluate("box => box.indeterminate")


def test_the_palette_opens_by_key_and_is_walked_by_arrows(page: Page) -> None:
    page.keyboard.press("Control+k")
    options = page.locator("#palette [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")

    page.keyboard.press("ArrowDown")

    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_question_mark_lists_the_keys_but_not_while_typing(page: Page) -> None:
    page.locator("#name").fill("")
    page.locator("#name").press("?")
    expect(page.locator("#shortcuts")).to_be_hidden()

    page.locator("h1").click()
    page.keyboard.press("?")

    expect(page.locator("#shortcuts")).to_be_visible()


def test_a_password_can_be_shown(page: Page) -> None:
    page.locator("#password").fill("correct horse")

    page.get_by_role("button", name="Show the password").click()

    expect(page.locator("#password")).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Hide the password")).to_be_visible()


def test_the_theme_that_was_chosen_stays(page: Page) -> None:
    page.locator(".me").click()
    page.get_by_label("Dark").check(force=True)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_undo_has_the_focus_is_announced_and_covers_nothing(page: Page) -> None:
    page.goto(f"{page.url}?undo=30")

    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator("[data-undo-say]")).to_contain_text("Press Undo to stop it")
    dock = page.locator("#undo").bounding_box()
    frame = page.locator(".main").bounding_box()
    assert dock
    assert frame
    assert frame["y"] + frame["height"] <= dock["y"]


def test_when_the_time_is_over_the_bar_makes_room_again(page: Page) -> None:
    page.goto(f"{page.url}?undo=1")

    expect(page.locator("#undo")).to_have_count(0, timeout=4000)


def test_a_drawer_closes_by_escape(page: Page) -> None:
    page.goto(f"{page.url}?shown=drawer")

    page.keyboard.press("Escape")

    expect(page).to_have_url(re.compile("#list$"))


def test_nothing_is_said_on_the_console(browser: Browser, address: str) -> None:
    context = looking.context(browser, looking.LIGHTS[0], None)
    watch = looking.Watch()
    page = context.new_page()
    watch.attach(page)

    page.goto(address, wait_until="networkidle")

    assert watch.faults == []
    assert looking.faults_of(page) == []
    context.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = looking.context(browser, looking.LIGHTS[0], None)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = Flask(
        "mailrith", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config["SECRET_KEY"] = "for tests"
    filters.register(app)
    app.add_url_rule("/x/broadcasts", endpoint="broadcasts.index", view_func=lambda: "")
    app.add_url_rule("/x/found", endpoint="palette.search", view_func=lambda: FOUND)

    @app.get("/")
    def index() -> str:
        seconds = request.args.get("undo", type=int)
        undo = seconds and SimpleNamespace(
            subject="The hungry gap", count=12480, seconds_left=seconds, url="/undo"
        )
        return gallery(request.args.get("shown", ""), undo=undo or None)

    @app.after_request
    def strict(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


FOUND = "".join(
    f'<a href="#{name}" role="option" aria-selected="false">{name}</a>' for name in ("One", "Two")
)
