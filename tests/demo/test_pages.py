"""The inbox in the browser: everything readable, nothing that runs, and nothing outside the demo."""

import dataclasses

import pytest
from flask import Flask

from mailrith.core import config
from mailrith.demo import mailbox, pages, reading
from tests.demo.test_inbox import LETTER, arrival


def test_the_newest_mail_is_open_beside_the_list(browser, box):
    box.add([arrival("amara@readers.example"), arrival("ben@readers.example")])

    page = browser.get("/inbox").text

    assert "2 messages, 2 unread" in page
    assert page.count("Grüße") >= 3
    assert "hannah@post.example" in page


def test_an_empty_inbox_says_what_to_do(browser, box):
    assert "No mail yet" in browser.get("/inbox").text


def test_search_narrows_the_list(browser, box):
    box.add([arrival("amara@readers.example"), arrival("ben@readers.example")])

    rows = browser.get("/inbox/list?q=ben").text

    assert "ben@readers.example" in rows
    assert "amara@readers.example" not in rows
    assert "Nothing found" in browser.get("/inbox?q=zoe").text


def test_opening_a_mail_writes_nothing_and_saying_so_marks_it(browser, box):
    box.add([arrival("amara@readers.example")])
    [letter] = box.find()

    browser.get(f"/inbox/{letter.id}")
    assert box.counts() == (1, 1)

    browser.post(f"/inbox/{letter.id}/read")
    assert box.counts() == (1, 0)


def test_the_mail_s_html_can_run_nothing(browser, box):
    raw = b"Content-Type: text/html\r\n\r\n<head></head><script>alert(1)</script><p>Hello"
    box.add([mailbox.arrived_now("a@readers.example", "", "", raw)])
    [letter] = box.find()

    answer = browser.get(f"/inbox/{letter.id}/html")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert '<head><base target="_blank">' in answer.text
    assert "alert(1)" not in browser.get("/inbox").text.replace("&lt;", "").split("codeblock")[0]


def test_the_mail_can_be_taken_away_as_it_came(browser, box):
    box.add([arrival("amara@readers.example")])
    [letter] = box.find()

    answer = browser.get(f"/inbox/{letter.id}.eml")

    assert answer.data == LETTER
    assert answer.mimetype == "message/rfc822"


def test_mails_can_be_deleted_one_by_one_and_all(browser, box):
    box.add([arrival(f"p{number}@readers.example") for number in range(3)])
    newest = box.find()[0]

    browser.post(f"/inbox/{newest.id}/delete")
    assert box.counts()[0] == 2

    browser.post("/inbox/empty")
    assert box.counts()[0] == 0


def test_the_one_click_button_posts_what_mail_programs_post(browser, box):
    box.add([arrival("amara@readers.example")])

    page = browser.get("/inbox").text

    assert 'action="/u/abc"' in page
    assert 'name="List-Unsubscribe" value="One-Click"' in page


def test_a_mail_that_is_gone_is_not_found(browser, box):
    for path in ("/inbox/7", "/inbox/7/html", "/inbox/7.eml", f"/inbox/{10**30}"):
        assert browser.get(path).status_code == 404


def test_fifty_mails_fit_a_page_and_the_rest_is_one_press_away(browser, box):
    box.add([arrival(f"p{number}@readers.example") for number in range(60)])

    first = browser.get("/inbox/list").text
    assert first.count("<li>") == 50
    oldest = box.find()[-1]
    assert browser.get(f"/inbox/list?before={oldest.id}").text.count("<li>") == 10


def test_there_is_no_inbox_outside_the_demo(client):
    assert client.get("/inbox").status_code == 404


def test_parts_are_remembered_by_message(box):
    box.add([arrival("amara@readers.example")])
    [letter] = box.find()

    assert reading.parts_of(letter) is reading.parts_of(dataclasses.replace(letter))


@pytest.fixture
def app(request, _apps, make_settings, tmp_path):
    """The pages need no database; one engine is enough."""
    app = _apps("sqlite")
    config.install(app.extensions["mailrith_settings"])
    return app


@pytest.fixture
def browser(app: Flask, box):
    demo = Flask("mailrith", template_folder=app.template_folder, static_folder=app.static_folder)
    from mailrith.web import filters

    filters.register(demo)
    demo.register_blueprint(pages.blueprint)
    return demo.test_client()


@pytest.fixture
def box(app: Flask, tmp_path):
    settings = app.extensions["mailrith_settings"]
    config.install(dataclasses.replace(settings, data_dir=tmp_path, demo=True))
    yield mailbox.Mailbox(tmp_path)
    config.install(settings)
