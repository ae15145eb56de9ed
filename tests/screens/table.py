"""Every main screen, once. A line whose endpoint does not exist is reported as missing, not as an error."""

from uuid import UUID

from playwright.sync_api import Page

from tests.screens import (
    api_keys,
    coming_in,
    connections,
    decisions,
    events,
    health,
    limits,
    mailbox,
    routing,
    sender,
    setups,
    states,
    suppressions,
)
from tests.screens.screen import Screen, empty, of, secret


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]").first.wait_for()
    page.locator("#palette input").fill("wa")
    page.wait_for_timeout(500)


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")


def row_menu(page: Page) -> None:
    page.locator("tbody .menu > summary").first.click()


def tick_two(page: Page) -> None:
    for at in (0, 1):
        page.locator("tbody .check").nth(at).check()


def fail_to_sign_in(page: Page) -> None:
    page.locator("[name=email]").fill("hannah@allotmentpost.example")
    page.locator("[name=password]").fill("correct horse")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


def leave(page: Page) -> None:
    page.locator("main form button").first.click()
    page.wait_for_load_state("networkidle")


def leave_and_come_back(page: Page) -> None:
    link = page.url
    leave(page)
    page.goto(link, wait_until="networkidle")


SCREENS = (
    # ---- coming in
    Screen("signin", "auth.sign_in", anonymous=True),
    Screen("signin-refused", "auth.sign_in", press=fail_to_sign_in, anonymous=True, status=422),
    Screen("account", "sign_up.create", press=coming_in.sign_up, anonymous=True),
    Screen("account-inbox", "sign_up.create", press=coming_in.ask_for_an_account, anonymous=True),
    Screen("account-sent", "sign_up.sent", anonymous=True),
    Screen("account-unconfirmed", "auth.sign_in", press=coming_in.sign_in_unconfirmed, anonymous=True),
    Screen("account-confirm", "sign_up.show", secret("confirm"), anonymous=True),
    Screen("account-expired", "sign_up.show", secret("confirm_late"), anonymous=True, status=410),
    Screen("account-forgot", "reset.ask", anonymous=True),
    Screen("account-forgotten", "reset.asked", anonymous=True),
    Screen("account-reset", "reset.show", secret("reset"), press=coming_in.short_password, anonymous=True),
    Screen("account-owner", "owner.show", secret("welcome", "secret"), anonymous=True),
    Screen("account-owner-expired", "owner.show", lambda _: {"secret": "old"}, anonymous=True, status=410),
    Screen("account-noworkspace", "workspaces.create", who="homeless"),
    Screen("account-workspace", "workspaces.create"),
    Screen("account-signedout", "settings.workspace", press=coming_in.lose_the_session, status=401),
    # ---- settings
    Screen("settings", "settings.workspace", whole=True),
    Screen("settings-zone", "settings.workspace", press=coming_in.another_zone, whole=True),
    Screen("settings-refused", "settings.workspace", press=coming_in.refuse_name, status=422),
    Screen("settings-profile", "profile.show"),
    Screen("settings-security", "profile.security", whole=True),
    *suppressions.SCREENS,
    *api_keys.SCREENS,
    # ---- audience
    Screen("subscribers", "subscribers.index"),
    Screen("subscribers-empty", "subscribers.index", empty, who="newcomer"),
    Screen("subscribers-menu", "subscribers.index", press=row_menu),
    Screen("subscribers-bulk", "subscribers.index", press=tick_two),
    Screen("subscribers-none", "subscribers.index", lambda _: {"q": "nobody is called so"}),
    Screen("subscriber", "subscribers.show", of("person_active")),
    Screen("subscriber-bounced", "subscribers.show", of("person_bounced")),
    Screen("subscriber-edit", "subscribers.edit", of("person_active")),
    Screen("subscriber-add", "subscribers.create"),
    Screen("tags", "tags.index"),
    Screen("tags-empty", "tags.index", empty, who="newcomer"),
    Screen("tag-add", "tags.create"),
    Screen("tag-edit", "tags.edit", of("tag")),
    Screen("tag-delete", "tags.confirm_delete", of("tag")),
    Screen("subscriber-delete", "subscribers.confirm_delete", of("person_active")),
    Screen("import", "imports.create"),
    Screen("import-map", "imports.columns", of("import_columns"), whole=True),
    Screen("import-consent", "imports.consent", of("import_consent"), whole=True),
    Screen("import-dry", "imports.show", of("import_ready"), whole=True),
    Screen("import-running", "imports.show", of("import_running")),
    Screen("import-done", "imports.show", of("import_done"), whole=True),
    # ---- broadcasts
    Screen("broadcasts", "broadcasts.index"),
    Screen("broadcasts-menu", "broadcasts.index", press=row_menu),
    Screen("broadcasts-empty", "broadcasts.index", empty, who="newcomer"),
    Screen("broadcasts-no-worker", "broadcasts.index", during=states.no_worker),
    Screen("broadcasts-none", "broadcasts.index", lambda _: {"q": "no letter is called so"}),
    Screen("write", "broadcast_letters.edit", of("draft"), editor=True),
    Screen("write-signedout", "broadcast_letters.edit", of("empty_draft"), press=coming_in.be_signed_out, editor=True, status=401),
    Screen("write-empty", "broadcast_letters.edit", of("empty_draft"), editor=True),
    Screen("test-mail", "broadcast_tests.show", of("draft")),
    Screen("audience", "broadcast_audiences.edit", of("draft"), whole=True),
    Screen("audience-empty", "broadcast_audiences.edit", of("empty_draft"), whole=True),
    Screen("audience-twice", "broadcast_audiences.edit", of("draft"), press=decisions.ask_for_the_hour_that_is_there_twice),
    Screen("audience-skipped", "broadcast_audiences.edit", of("draft"), press=decisions.ask_for_the_hour_that_is_not_there),
    Screen("review", "broadcast_reviews.show", of("empty_draft"), whole=True),
    Screen("review-ready", "broadcast_reviews.show", of("draft"), whole=True),
    Screen("review-scheduled", "broadcast_reviews.show", of("scheduled"), whole=True),
    Screen("review-late", "broadcast_reviews.show", of("late"), whole=True),
    Screen("sending", "broadcast_sendings.show", of("sending"), during=states.moving, whole=True),
    Screen("sending-preparing", "broadcast_sendings.show", of("preparing")),
    Screen("sending-undo", "broadcast_sendings.show", of("preparing"), during=states.undoable),
    Screen("sending-paused", "broadcast_sendings.show", of("paused_person")),
    Screen("sending-paused-by-us", "broadcast_sendings.show", of("paused_system")),
    Screen("sending-paused-limit", "broadcast_sendings.show", of("paused_limit")),
    Screen("sending-held", "broadcast_sendings.show", of("held"), whole=True),
    Screen("sending-canceling", "broadcast_sendings.show", of("canceling")),
    Screen("sending-cancel", "broadcast_sendings.confirm_cancel", of("sending")),
    Screen("sending-finished", "broadcast_sendings.show", of("finished"), whole=True),
    Screen("sending-failed", "broadcast_sendings.show", of("failed"), whole=True),
    Screen("indoubt", "broadcast_doubts.show", of("sending"), whole=True),
    Screen("report", "broadcast_reports.show", of("finished"), whole=True),
    Screen("report-people", "broadcast_reports.people", of("finished", state="failed")),
    Screen("broadcast-delete", "broadcasts.confirm_delete", of("draft")),
    # ---- connections
    *connections.SCREENS,
    *health.SCREENS,
    *events.SCREENS,
    *sender.SCREENS,
    *setups.SCREENS,
    *mailbox.SCREENS,
    Screen("guide-services", "guides.show", lambda _: {"name": "services"}),
    Screen("guide-troubleshooting", "guides.show", lambda _: {"name": "troubleshooting"}),
    Screen("guide-api", "guides.show", lambda _: {"name": "api"}),
    *limits.SCREENS,
    *routing.SCREENS,
    Screen("connections-empty", "connections.index", empty, who="newcomer"),
    # ---- recipients
    Screen("public", "unsubscribing.ask", lambda w: {"token": w.ids["leave_active"]}, anonymous=True),
    Screen("public-already", "unsubscribing.ask", lambda w: {"token": next(w.ids["leavers"])}, press=leave_and_come_back, anonymous=True),
    Screen("public-bad-link", "unsubscribing.ask", lambda _: {"token": "cut-in-t"}, anonymous=True, status=404),
    Screen("public-done", "unsubscribing.ask", lambda w: {"token": next(w.ids["leavers"])}, press=leave, anonymous=True),
    Screen("public-test", "unsubscribing.test", anonymous=True),
    # ---- everywhere
    Screen("palette", "broadcasts.index", press=palette),
    Screen("shortcuts", "broadcasts.index", press=shortcuts),
    Screen("inbox", "inbox.index", anonymous=True),
    Screen("inbox-letter", "inbox.show", lambda _: {"letter_id": 1}, anonymous=True),
    # ---- errors
    Screen("offline", "offline.show", anonymous=True),
    Screen("error-409", "broadcasts.confirm_delete", of("finished"), press=decisions.delete_what_was_sent, status=409),
    Screen("error-429", "auth.sign_in", press=decisions.try_too_often, anonymous=True, status=429),
    Screen("error-404", "broadcasts.show", lambda _: {"public_id": UUID(int=0)}, status=404),
    Screen("error-404-outside", "home.index", path="/nothing-here", anonymous=True, status=404),
)  # fmt: skip
