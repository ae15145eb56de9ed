"""What the form's script does in a real browser, and that the form needs none."""

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from mailrith.connections import credentials
from mailrith.connections.models import Connection
from mailrith.core.db import db
from tests.support.cast import Cast, sign_in
from tests.support.factories import make_connection
from tests.support.factories_broadcasts import make_broadcast

pytestmark = pytest.mark.journey


@pytest.fixture
def address(app: Flask, cast: Cast) -> Iterator[str]:
    """The workspace's connections, served on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/w/{cast.workspace.slug}/connections"
    server.shutdown()
    thread.join()


@pytest.fixture
def open_page(browser: Browser, app: Flask, cast: Cast, address: str):
    """Alice's window at an address below the list; `scripts=False` for one that runs none."""
    client = app.test_client()
    sign_in(client, cast.alice)
    cookie = client.get_cookie("mailrith")
    assert cookie is not None
    contexts = []

    def visit(path: str, *, scripts: bool = True) -> Page:
        context = browser.new_context(java_script_enabled=scripts)
        contexts.append(context)
        context.add_cookies(
            [{"name": "mailrith", "value": cookie.value, "domain": "127.0.0.1", "path": "/"}]
        )
        page = context.new_page()
        db.session.commit()  # SQLite has one writer, and from now on that is the server
        page.goto(address + path)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.any_database
def test_a_port_proposes_its_security(open_page):
    page = open_page("/new/custom-smtp")
    for port, security in (("465", "tls"), ("587", "starttls"), ("1025", "none")):
        page.locator("#port").fill(port)
        page.locator("#port").blur()
        expect(page.locator("#secure_mode")).to_have_value(security)


@pytest.mark.any_database
def test_a_security_proposes_its_port_but_not_over_one_that_fits_or_is_unusual(open_page):
    page = open_page("/new/custom-smtp")
    page.locator("#secure_mode").select_option("tls")
    expect(page.locator("#port")).to_have_value("465")

    page.locator("#port").fill("2465")
    page.locator("#port").blur()
    page.locator("#secure_mode").select_option("tls")
    expect(page.locator("#port")).to_have_value("2465")

    page.locator("#port").fill("10587")
    page.locator("#secure_mode").select_option("starttls")
    expect(page.locator("#port")).to_have_value("10587")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.any_database
def test_a_risk_is_warned_about_beside_it(open_page, scripts):
    page = open_page("/new/custom-smtp", scripts=scripts)
    warning = page.locator('.conn-warning[data-when="none"]')
    expect(warning).to_be_hidden()

    page.locator("#secure_mode").select_option("none")

    expect(warning).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.any_database
def test_a_token_is_asked_for_where_it_signs_in(open_page, scripts):
    page = open_page("/new/gmail", scripts=scripts)
    expect(page.locator("#oauth_refresh")).to_be_hidden()

    page.locator("#auth_mechanism").select_option("xoauth2")

    expect(page.locator("#oauth_refresh")).to_be_visible()
    expect(page.locator("#password")).to_be_hidden()


@pytest.mark.any_database
def test_changing_the_server_says_that_the_password_is_asked_for_again(open_page, cast):
    connection = make_connection(cast.workspace)
    credentials.seal(connection, "username", "hannah")
    credentials.seal(connection, "password", "canary-password")
    db.session.commit()
    page = open_page(f"/{connection.public_id}")
    hint = page.locator("#password-hint")
    expect(hint).to_contain_text("Leave it empty to keep it")

    page.locator("#port").fill("2525")
    expect(hint).to_contain_text("Type it again")

    page.locator("#port").fill("1025")
    page.locator("#port").blur()
    expect(hint).to_contain_text("Leave it empty to keep it")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_connection_is_added_from_a_broadcast_and_nothing_typed_is_lost(open_page, cast, scripts):
    make_connection(cast.workspace, name="The first one")
    draft = make_broadcast(cast.workspace)
    page = open_page(f"/../broadcasts/{draft.public_id}/audience", scripts=scripts)
    page.get_by_label("Replies go to").fill("post@allotmentpost.example")
    page.get_by_role("button", name="Add a connection").click()
    page.get_by_role("link", name="Custom SMTP").click()
    page.get_by_label("Connection name").fill("Just made")
    page.get_by_label("From email").fill("hannah@allotmentpost.example")
    page.get_by_label("SMTP Host").fill("127.0.0.1")
    page.get_by_role("button", name="Save and go back").click()

    expect(page.get_by_text("Just made was added and is chosen here.")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("^Just made"))).to_be_checked()
    expect(page.get_by_label("Replies go to")).to_have_value("post@allotmentpost.example")
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url(re.compile("/review$"))
    db.session.expire_all()
    made = db.session.get(Connection, draft.connection_id)
    assert made.name == "Just made"


def test_verify_is_watched_step_by_step_without_pressing_anything_else(
    open_page, cast, smtpd, run_jobs
):
    connection = make_connection(cast.workspace, port=smtpd.port)
    page = open_page(f"/{connection.public_id}")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()

    worker = threading.Thread(target=run_jobs)  # this thread's loop is the browser's
    worker.start()

    expect(page.get_by_text("Everything passed")).to_be_visible()
    expect(page.get_by_role("button", name="Verify again")).to_be_enabled()
    assert page.locator("#verify").get_attribute("hx-trigger") is None
    worker.join()
