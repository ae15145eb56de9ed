"""What a browser keeps of a connection when its person is gone: nothing that signs in."""

import json

import pytest
from playwright.sync_api import expect

from mailrith.connections import actions
from mailrith.core.db import db
from tests.support.factories_connections import typed_connection
from tests.web.connections.test_form_script import address, open_page  # noqa: F401 - fixtures

HOST, USERNAME, PASSWORD = "localhost", "canary-username-7f3a", "canary-password-7f3a"
STORED = """async () => {
  const kept = { ...localStorage, ...sessionStorage };
  for (const name of await caches.keys()) {
    for (const answer of await (await caches.open(name)).matchAll()) kept[answer.url] = await answer.text();
  }
  return { kept, databases: (await indexedDB.databases()).length };
}"""


@pytest.fixture
def connection(cast):
    values = typed_connection(cast.workspace, host=HOST, username=USERNAME, password=PASSWORD)
    made = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return made


@pytest.mark.journey
def test_a_page_whose_person_was_signed_out_leaves_no_sign_in_on_the_device(
    open_page,  # noqa: F811
    connection,
):
    page = open_page(f"/{connection.public_id}")
    expect(page.get_by_label("Username")).to_have_value(USERNAME)
    page.get_by_label("From name").fill("Typed since")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.context.clear_cookies()
    page.locator("#verify").get_by_role("button", name="Verify").click()
    expect(page.locator("#signed-out")).to_be_visible()

    stored = page.evaluate(STORED)

    text = json.dumps(stored["kept"])
    assert "Typed since" in text, "what was typed waits"
    assert USERNAME not in text
    assert PASSWORD not in text
    assert f'"{HOST}"' not in text.replace("\\", "")
    assert stored["databases"] == 0


@pytest.mark.parametrize("page", ["", "/webhooks"])
def test_pages_that_show_a_secret_are_kept_by_no_cache(signed_in, cast, connection, page):
    here = f"/w/{cast.workspace.slug}/connections/{connection.public_id}{page}"
    answer = signed_in.get(here)

    assert USERNAME in answer.text or "whs_" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
