"""Delivery connections in every state that has a picture, and what people press on their pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page

from mailrith.accounts.models import Workspace
from mailrith.connections import actions, credentials, trail
from mailrith.connections.models import (
    CheckState,
    Connection,
    ConnectionCheck,
    ConnectionWorkspace,
    Provider,
    SecureMode,
)
from mailrith.connections.standing import pausing
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.verify import Report, Step
from tests.screens.screen import Screen, of
from tests.support.factories import save
from tests.support.smtpd import Smtpd

if TYPE_CHECKING:
    from tests.screens.world import World

CERTIFICATE = {
    "names": "smtp.northpost.example",
    "issuer": "Example Trust Services, R3",
    "valid from": "13 April 2026",
    "valid until": "12 July 2026",
}
TALK = (
    Step("resolve", True, 12, "203.0.113.24"),
    Step("connect", True, 31),
    Step("greeting", True, 29, "220 smtp.northpost.example ESMTP ready"),
    Step("ehlo", True, 28, "PIPELINING, 8BITMIME, STARTTLS, SIZE 26214400"),
    Step("tls", True, 44, "TLS 1.3, TLS_AES_256_GCM_SHA384"),
    Step("certificate", True, 1, "Right name, good until 12 July 2026", facts=CERTIFICATE),
)
END = (
    Step("auth", True, 88, "PLAIN, as the strongest of PLAIN and LOGIN"),
    Step("sender", True, 20, "hannah@allotmentpost.example"),
    Step("limits", True, None, "Messages up to 26 MB"),
)
REFUSED = "535 5.7.8 Error: authentication failed: application-specific password required"
WAITING = tuple(Step(step.name, None) for step in END)


def make(ids: dict[str, Any]) -> None:
    """Fill `ids` with a connection for each state. Commits."""
    workspace = ids["workspace"]
    good = Report((*TALK, *END))
    ses = _connection(
        workspace, "SES, London", "email-smtp.eu-west-2.amazonaws.com", provider=Provider.AMAZON_SES,
        provider_options={"region": "eu-west-2", "configuration_set": "newsletters"},
        from_email="courses@allotmentpost.example", per_second=14, per_day=20_000,
    )  # fmt: skip
    _verified(ses, good, days=79)
    hall = _connection(
        workspace, "Hall noticeboard", "mail.dalstonhall.example", port=465, secure_mode=SecureMode.TLS,
        from_email="noticeboard@dalstonhall.example", per_day=500,
    )  # fmt: skip
    _verified(hall, good, days=6)
    paused = _connection(
        workspace, "Postmark, receipts", "smtp-broadcasts.postmarkapp.com", provider=Provider.POSTMARK,
        provider_options={"message_stream": "broadcast"}, from_email="orders@allotmentpost.example",
    )  # fmt: skip
    pausing.pause_connection(paused.id, "connect_timeout")
    broken = _connection(workspace, "Northpost, office", "smtp.northpost.example")
    refused = Report((*TALK, Step("auth", False, 212, REFUSED, "auth_refused"), *WAITING[1:]))
    broken.last_report, broken.last_error = refused.as_data(), REFUSED
    broken.last_error_at = now() - timedelta(minutes=9)
    passed = _connection(workspace, "Northpost, all well", "smtp.northpost.example")
    _verified(passed, good, days=79)
    unsafe = _connection(
        workspace, "Old box in the shed", "shed.example", port=25, secure_mode=SecureMode.NONE,
        verify_certificate=False, allow_clear_auth=True,
    )  # fmt: skip
    actions.disable(unsafe, ids["user"])
    _past(passed, ids)
    db.session.commit()
    copy = actions.duplicate(ses, ids["user"])
    db.session.commit()
    for name, found in {
        "ses": ses, "hall": hall, "paused": paused, "broken": broken, "passed": passed, "unsafe": unsafe, "copy": copy,
    }.items():  # fmt: skip
        ids[f"connection_{name}"] = found.public_id


def _connection(workspace: Workspace, name: str, host: str, **changes: Any) -> Connection:
    values: dict[str, Any] = {
        "account_id": workspace.account_id,
        "name": name,
        "from_name": "Hannah at The Allotment Post",
        "from_email": "hannah@allotmentpost.example",
        "port": 587,
        "secure_mode": SecureMode.STARTTLS,
        "last_report": {},
        "per_second": 5,
        "per_day": 5000,
    }
    made: Connection = save(Connection(**values | changes))
    credentials.seal(made, "host", host)
    credentials.seal(made, "username", "hannah@allotmentpost.example")
    credentials.seal(made, "password", "rhubarb in the rain")
    credentials.make_hook_secrets(made)
    save(ConnectionWorkspace(workspace_id=workspace.id, connection_id=made.id, position=5))
    return made


def _verified(connection: Connection, report: Report, *, days: int) -> None:
    connection.last_report = report.as_data()
    connection.verified_at = now() - timedelta(hours=2)
    connection.certificate_until = now() + timedelta(days=days)


def _past(connection: Connection, ids: dict[str, Any]) -> None:
    person = ids["user"]
    trail.record(connection, "connection.created", person)
    trail.record(connection, "connection.edited", person, {"changed": ["port", "secure_mode", "sign-in"]})  # fmt: skip
    trail.record(connection, "connection.paused", None, {"cause": "auth_refused"})
    trail.record(connection, "connection.edited", person, {"changed": ["sign-in"]})
    trail.record(connection, "connection.resumed", person)
    trail.record(connection, "connection.tested", person)


@contextmanager
def _checking(world: "World", name: str, state: CheckState, steps: tuple[Step, ...], age: int) -> Iterator[None]:  # fmt: skip
    with world.app.app_context():
        connection = db.session.query(Connection).filter_by(public_id=world.ids[name]).one()
        report = {**Report(steps).as_data(), "begun_at": now().isoformat()} if steps else {}
        check = ConnectionCheck(
            connection_id=connection.id,
            state=state,
            report=report,
            created_at=now() - timedelta(seconds=age),
        )
        db.session.add(check)
        db.session.commit()
        yield
        db.session.delete(check)
        db.session.commit()


@contextmanager
def running(world: "World") -> Iterator[None]:
    """Verify is signing in."""
    with _checking(world, "connection_ses", CheckState.RUNNING, (*TALK, *WAITING), 2):
        yield


@contextmanager
def late(world: "World") -> Iterator[None]:
    """Nobody takes the check."""
    with _checking(world, "connection_ses", CheckState.WAITING, (), 30):
        yield


@contextmanager
def answering(world: "World") -> Iterator[None]:
    """The server of the sample's connection is there, and knows one of two people."""
    server = Smtpd(port=2525)
    server.answer("RCPT", "550 5.1.1 The email account that you tried to reach does not exist", argument="nobody@")  # fmt: skip
    server.start()
    yield
    server.stop()


@contextmanager
def offering(world: "World") -> Iterator[None]:
    """The operator offers a server."""
    before = config.current()
    config.install(
        replace(
            before,
            default_smtp_url="smtp+starttls://post:secret@smtp.example.com:587",
            default_from="newsletters@example.com",
        )
    )
    yield
    config.install(before)


def send_well(page: Page) -> None:
    """A test mail that is accepted."""
    page.locator(".trial form button").click()
    page.locator(".trial-result").wait_for()


def send_badly(page: Page) -> None:
    """One that is refused, after one that was accepted."""
    send_well(page)
    page.locator("#recipient").fill("nobody@readers.example")
    page.locator(".trial form button").click()
    page.locator(".trial-result [data-tone=bad]").wait_for()


def unfold(page: Page) -> None:
    """All of the form."""
    page.locator(".conn-form .fold").evaluate_all(
        "folds => folds.forEach(fold => { fold.open = true })"
    )


def choose_risks(page: Page) -> None:
    """Everything that is warned about."""
    unfold(page)
    page.locator("#secure_mode").select_option("starttls-if-offered")
    page.locator("#accept_unverified").check()
    page.locator("#allow_clear_auth").check()


def move(page: Page) -> None:
    """Another host: the password has to be typed again."""
    page.locator("#host").fill("smtp.elsewhere.example")
    page.locator("#password-hint.warn-ink").wait_for()


def refuse(page: Page) -> None:
    """Saved with mistakes in open and folded sections."""
    page.locator("#name").fill("")
    page.locator("#from_email").fill("hannah at allotmentpost.example")
    page.locator("#host").fill("10.0.0.1")
    page.locator("#per_day").evaluate("field => { field.value = 'plenty' }")
    page.locator(".conn-form button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def refuse_private(page: Page) -> None:
    """Saved with a host inside a private network."""
    page.locator("#from_email").fill("hannah@allotmentpost.example")
    page.locator("#host").fill("10.0.0.1")
    page.locator(".conn-form button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def service(name: str, **more: Any) -> Any:
    """The form of a service."""
    return lambda world: {"provider": name, **more}


def from_broadcast(world: "World") -> dict[str, Any]:
    """Asked for from the picker of a draft."""
    slug = world.ids["workspace"].slug
    return {"next": f"/w/{slug}/broadcasts/{world.ids['empty_draft']}/audience"}


def chosen(world: "World") -> dict[str, Any]:
    """Back at the draft, with the new connection chosen."""
    return {
        "public_id": world.ids["empty_draft"],
        "connection": world.ids["connection_passed"],
    }


def row_menu(page: Page) -> None:
    """The menu of the first row."""
    page.locator("tbody .menu > summary").first.click()


SCREENS = (
    Screen("connections", "connections.index", whole=True),
    Screen("connections-menu", "connections.index", press=row_menu),
    Screen("connections-none", "connections.index", lambda _: {"q": "no server is called so"}),
    Screen("connections-paused", "connections.index", lambda _: {"state": "paused"}),
    Screen("connection-pick", "connection_creation.pick", whole=True),
    Screen("connection-pick-offer", "connection_creation.pick", during=offering),
    Screen("connection-new-offer", "connection_creation.fill", service("installation"), during=offering, whole=True),
    Screen("connection-pick-back", "connection_creation.pick", from_broadcast),
    Screen("connection-new", "connection_creation.fill", service("custom-smtp"), whole=True),
    Screen("connection-new-ses", "connection_creation.fill", service("amazon-ses"), whole=True),
    Screen("connection-new-365", "connection_creation.fill", service("microsoft-365"), press=unfold, whole=True),
    Screen("connection-new-catcher", "connection_creation.fill", service("local-catcher"), whole=True),
    Screen("connection-new-open", "connection_creation.fill", service("custom-smtp"), press=unfold, whole=True),
    Screen("connection-new-refused", "connection_creation.fill", service("custom-smtp"), press=refuse, status=422, whole=True),
    Screen("connection-new-private", "connection_creation.fill", service("custom-smtp"), press=refuse_private, status=422, whole=True),
    Screen("connection-edit", "connections.edit", of("connection_broken"), whole=True),
    Screen("connection-moved", "connections.edit", of("connection_passed"), press=move, whole=True),
    Screen("connection-risks", "connections.edit", of("connection_passed"), press=choose_risks, whole=True),
    Screen("connection-paused", "connections.edit", of("connection_paused"), whole=True),
    Screen("connection-ending", "connections.edit", of("connection_hall")),
    Screen("connection-disabled", "connections.edit", of("connection_unsafe"), whole=True),
    Screen("connection-copy", "connections.edit", of("connection_copy"), whole=True),
    Screen("connection-verifying", "connections.edit", of("connection_ses"), during=running, whole=True),
    Screen("connection-verifying-late", "connections.edit", of("connection_ses"), during=late),
    Screen("connection-verifying-alone", "connection_verification.show", of("connection_ses"), during=running),
    Screen("connection-history", "connection_history.show", of("connection_passed")),
    Screen("connection-history-none", "connection_history.show", of("connection_hall")),
    Screen("connection-webhooks", "connection_webhooks.show", of("connection"), whole=True),
    Screen("connection-test", "connection_trials.new", of("connection")),
    Screen("connection-test-sent", "connection_trials.new", of("connection"), press=send_well, during=answering),
    Screen("connection-test-refused", "connection_trials.new", of("connection"), press=send_badly, during=answering),
    Screen("connection-delete", "connection_removal.ask", of("connection_ses")),
    Screen("connection-inuse", "connection_removal.ask", of("connection")),
    Screen("audience-added", "broadcast_audiences.edit", chosen, whole=True),
)  # fmt: skip
