"""The whole story: sign in, write, choose people, send, read it, unsubscribe, and hear of a bounce."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from mailrith.core import clock
from mailrith.demo.mailbox import Letter
from mailrith.events.providers import generic
from tests.journeys.stage import UNDO_SECONDS, Stage
from tests.journeys.steps import WORKSPACE, letters, press, sign_in, status_of, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

SUBJECT = "The first rhubarb of the year"
TAG = "Volunteers"


def test_a_broadcast_goes_out_is_read_and_changes_people(page: Page, stage: Stage) -> None:
    sign_in(page)
    write(page)
    people = choose(page)
    send(page, people)

    arrivals = wait_for(lambda: arrived(stage, people), "the letters in the inbox")
    assert len({letter.recipient for letter in arrivals}) == people
    leaver, bouncer, clicker = arrivals[:3]

    read(page, leaver)
    leave(page, leaver)
    assert status_of(page, leaver.recipient) == "Unsubscribed"

    one_click(page, clicker)
    assert status_of(page, clicker.recipient) == "Unsubscribed"

    post_bounce(page, bouncer)
    wait_for(
        lambda: status_of(page, bouncer.recipient) == "Bounced", "the bounce on the subscriber"
    )


def write(page: Page) -> None:
    page.goto(f"{WORKSPACE}/broadcasts")
    press(page.get_by_role("button", name="Create Broadcast").first)
    page.get_by_label("Subject").fill(SUBJECT)
    page.locator("#preview_text").fill("It is earlier than last year.")
    page.get_by_label("Body in Markdown").fill(
        'Dear [Subscriber_Name, fallback="friend"],\n\nit is **here**.\n\n'
        "[See the plot](https://allotmentpost.example/plot)"
    )
    page.get_by_role("button", name="Continue").first.click()
    page.wait_for_url(re.compile(r"/audience"))


def choose(page: Page) -> int:
    """Take the people with one tag, and answer how many they are."""
    page.get_by_role("radio", name="People with tags").check()
    page.get_by_text(TAG, exact=True).first.click()
    page.get_by_role("radio", name=re.compile("^Local inbox")).check()
    press(page.get_by_role("button", name="Continue to review"))
    expect(page.get_by_role("heading", name="Ready to send")).to_be_visible()
    button = page.get_by_role("button", name=re.compile(r"^Send to \d+ people$"))
    return int(re.sub(r"\D", "", button.inner_text()))


def send(page: Page, people: int) -> None:
    page.get_by_role("button", name=f"Send to {people} people").click()
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    # The page follows the sending by itself.
    expect(page.get_by_text("Finished").first).to_be_visible(timeout=(UNDO_SECONDS + 40) * 1000)
    expect(page.locator(".hero-n")).to_have_text(str(people))


def read(page: Page, letter: Letter) -> None:
    page.goto(f"/inbox?q={letter.recipient}")
    expect(page.get_by_role("heading", name=SUBJECT)).to_be_visible()
    frame = page.frame_locator(".ibx-frame")
    expect(frame.get_by_text("Dear")).to_be_visible()
    expect(frame.get_by_text("14 Hackney Lane")).to_be_visible()


def leave(page: Page, letter: Letter) -> None:
    """Press the link at the foot of the letter, and the button of the page that it opens."""
    with page.expect_popup() as opened:
        page.frame_locator(".ibx-frame").get_by_role("link", name="Unsubscribe").click()
    newsletter = opened.value
    expect(newsletter.get_by_role("heading", name="Stop these letters?")).to_be_visible()
    newsletter.get_by_role("button", name="Unsubscribe").click()
    expect(newsletter.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    expect(newsletter.get_by_role("button", name="That was a mistake")).to_be_visible()
    newsletter.close()


def one_click(page: Page, letter: Letter) -> None:
    """The button that mail programs show above a letter."""
    page.goto(f"/inbox?q={letter.recipient}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="One-click unsubscribe").click()
    expect(opened.value.get_by_text("You are unsubscribed.")).to_be_visible()
    opened.value.close()


def post_bounce(page: Page, letter: Letter) -> None:
    """What a mail server's script posts to the webhook when the letter comes back."""
    page.goto(f"{WORKSPACE}/connections")
    page.get_by_role("row").filter(has_text="Local inbox").locator(".menu summary").click()
    page.get_by_role("link", name="Webhooks").click()
    address = page.locator("#hook-address").inner_text().strip()
    secret = page.locator("#hook-signing").inner_text().strip()
    found = re.search(rb"(?im)^message-id:\s*(<[^>]+>)", letter.raw)
    assert found is not None
    event = {"event": "hard_bounce", "message_id": found[1].decode(), "enhanced_status": "5.1.1"}
    body = json.dumps(event).encode()
    moment = int(clock.now().timestamp())
    signature = generic.sign(secret, moment, body)
    request = urllib.request.Request(
        address, body, {generic.HEADER: f"t={moment},v1={signature}"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def arrived(stage: Stage, people: int) -> list[Letter] | None:
    found = letters(stage, SUBJECT, subject=SUBJECT)
    return found if len(found) == people else None
