"""A connection's webhook and its events in every state that has a picture, and what people press there."""

import json
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from mailrith.connections import credentials
from mailrith.connections.models import Connection, ConnectionWorkspace, Provider
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import RunPhase
from mailrith.events import applying, recording, refusals
from mailrith.events.models import HookRefusals
from mailrith.subscribers.models import Subscriber
from tests.screens.screen import Screen, of
from tests.support.factories import save
from tests.support.factories_events import event, make_delivery, make_run

TOPIC = "arn:aws:sns:eu-west-2:123456789012:newsletters"
SAMPLE = {
    "data": {
        "what": "Bounced",
        "mail": {"id": "3f9a.1f@allotmentpost.example", "to": "amara.singh@postbox.example"},
        "reason": "550 5.1.1 no such user here",
    }
}


def make(ids: dict[str, Any]) -> None:
    """Fill `ids` with webhooks that work, wait for a key, refuse, and change their secrets. Commits."""
    busy = _connection(ids, "SES, newsletters", Provider.AMAZON_SES)
    credentials.seal_service_keys(busy, (TOPIC,))
    keyless = _connection(ids, "Mailgun, courses", Provider.MAILGUN)
    refusing = _connection(ids, "Postmark, letters", Provider.POSTMARK)
    credentials.rotate_hook_secret(refusing, "path")
    credentials.rotate_hook_secret(refusing, "signing")
    own = _connection(ids, "Relay in the shed", Provider.CUSTOM_SMTP)
    relay = _connection(ids, "Relay with its own JSON", Provider.CUSTOM_SMTP)
    relay.events_source = "mapping"
    relay.events_mapping = {
        "kind": ["data.what"],
        "kinds": {"bounced": "hard_bounce"},
        "message_id": "data.mail.id",
        "recipient": "data.mail.to",
        "diagnostic": "data.reason",
    }
    _refuse(refusing)
    ids["hook_one"] = _events(own, ids)
    for name, found in {"ses": busy, "keyless": keyless, "refusing": refusing, "own": own, "relay": relay}.items():  # fmt: skip
        ids[f"hook_{name}"] = found.public_id
    db.session.commit()


def _connection(ids: dict[str, Any], name: str, provider: Provider) -> Connection:
    workspace = ids["workspace"]
    made: Connection = save(
        Connection(
            account_id=workspace.account_id, name=name, provider=provider, from_name="Hannah", last_report={},
            from_email="hannah@allotmentpost.example", port=587, secure_mode="starttls",
        )
    )  # fmt: skip
    credentials.seal(made, "host", "smtp.northpost.example")
    credentials.make_hook_secrets(made)
    save(ConnectionWorkspace(workspace_id=workspace.id, connection_id=made.id, position=9))
    return made


def _refuse(connection: Connection) -> None:
    recording.record(connection.id, "application/json", b"{}")
    db.session.flush()
    refusals.note(connection.id, "The webhook secret is not the one on the connection's page. Copy it again.")  # fmt: skip
    row = db.session.get_one(HookRefusals, connection.id)
    row.first_at, row.last_at, row.count = now() - timedelta(days=2, hours=3), now(), 1284


def _events(connection: Connection, ids: dict[str, Any]) -> int:
    """What arrived at a relay's webhook, read; returns one request's id."""
    people = db.session.scalars(
        select(Subscriber).where(Subscriber.workspace_id == ids["workspace"].id).limit(3)
    )
    run = make_run(ids["workspace"], connection, phase=RunPhase.FINISHED)
    deliveries = [make_delivery(run, person) for person in people]
    told = [event(delivery, "delivered", id=f"d-{delivery.id}") for delivery in deliveries]
    bodies: list[Any] = [
        {"event": "test", "id": "try-1"},
        {"event": "opened", "id": "o-1"},
        {"event": "complaint", "message_id": "<somebody-else@elsewhere.example>"},
        [*told, {"event": "hard_bounce"}],
    ]
    stored_ids = []
    for body in bodies * 8:
        stored = recording.record(connection.id, "application/json", json.dumps(body).encode())
        applying.apply(stored.id)
        stored_ids.append(stored.id)
    recording.record(connection.id, "application/json", b'{"event": "test"}')
    return stored_ids[3]


def try_mapping(page: Page) -> None:
    """The description tried on a sample."""
    page.locator("#sample").fill(json.dumps(SAMPLE, indent=1))
    page.locator("button[name=try]").click()
    page.locator(".hook-tried").wait_for()


def bad_key(page: Page) -> None:
    """Something else is pasted where the topic belongs."""
    page.locator("#key").fill("newsletters")
    page.locator(".hook-key button").click()
    page.locator("#key-hint.bad-ink").wait_for()


def ask_to_replace(page: Page) -> None:
    """Before the address is replaced."""
    page.locator("[data-dialog-open=replace-path]").click()


def one(world: Any) -> dict[str, Any]:
    """The page of one request."""
    return {"public_id": world.ids["hook_own"], "number": str(world.ids["hook_one"])}


SCREENS = (
    Screen("webhooks-ses", "connection_webhooks.show", of("hook_ses"), whole=True),
    Screen("webhooks-bad-key", "connection_webhooks.show", of("hook_ses"), press=bad_key, status=422),
    Screen("webhooks-keyless", "connection_webhooks.show", of("hook_keyless"), whole=True),
    Screen("webhooks-refusing", "connection_webhooks.show", of("hook_refusing"), whole=True),
    Screen("webhooks-own", "connection_webhooks.show", of("hook_own"), whole=True),
    Screen("webhooks-replace", "connection_webhooks.show", of("hook_own"), press=ask_to_replace),
    Screen("webhooks-relay", "connection_webhooks.show", of("hook_relay"), whole=True),
    Screen("webhooks-mapping", "connection_event_mapping.edit", of("hook_relay"), press=try_mapping, whole=True),
    Screen("events", "connection_events.index", of("hook_own"), whole=True),
    Screen("events-ignored", "connection_events.index", of("hook_own", state="ignored")),
    Screen("events-none", "connection_events.index", of("hook_ses")),
    Screen("event", "connection_events.show", one, whole=True),
)  # fmt: skip
