"""Connections of which something is heard, or is not: the list, the review of a broadcast, and the dialog that ends a pause."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from mailrith.connections.models import Connection
from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.models import HookRefusals, HookRequest
from tests.screens.screen import Screen, of
from tests.screens.sender import GOOD, having
from tests.support.factories_mailboxes import make_mailbox

if TYPE_CHECKING:
    from tests.screens.world import World


@contextmanager
def heard(world: "World") -> Iterator[None]:
    """One service's last event came a while ago, what another one posts is refused, and a mailbox cannot be read."""
    with world.app.app_context():
        ids = {
            name: db.session.query(Connection.id).filter_by(public_id=world.ids[name]).scalar()
            for name in ("connection", "connection_passed", "connection_hall")
        }
        since = now() - timedelta(days=2, hours=5)
        came = HookRequest(
            connection_id=ids["connection_passed"],
            source="generic",
            received_at=now() - timedelta(minutes=2),
            body=b"{}",
            body_digest=b"x" * 32,
            results=[],
        )
        refused = HookRefusals(
            connection_id=ids["connection"],
            first_at=since,
            last_at=now(),
            count=214,
            sentence="The signature does not fit.",
        )
        db.session.add_all((came, refused))
        mailbox = make_mailbox(ids["connection_hall"], failing_since=since)
        yield
        for row in (came, refused, mailbox):
            db.session.delete(row)
        db.session.commit()


@contextmanager
def stopped(world: "World") -> Iterator[None]:
    """Mailrith stopped a connection because too much came back."""
    with world.app.app_context():
        found = (
            db.session.query(Connection).filter_by(public_id=world.ids["connection_passed"]).one()
        )
        reputation.note(found.id, Reputation(8412, 487, 3))
        db.session.commit()
        yield
        db.session.refresh(found)
        reputation.forgive(found.id)
        found.paused_at, found.pause_cause, found.last_error = None, "", ""
        found.last_error_at = found.probe_at = None
        db.session.commit()


def ask_to_go_on(page: Page) -> None:
    """The dialog that wants the number."""
    page.get_by_role("button", name="Use it again").first.click()
    page.wait_for_load_state("networkidle")


PASSED = of("connection_passed")
ELSEWHERE = having("connection_passed", replace(GOOD, envelope="mailhost.example"))

SCREENS = (
    Screen("connections-heard", "connections.index", during=heard, whole=True),
    Screen("review-heard", "broadcast_reviews.show", of("draft"), during=heard, whole=True),
    Screen("connection-stopped", "connections.edit", PASSED, during=stopped),
    Screen("connection-resume", "connections.edit", PASSED, press=ask_to_go_on, during=stopped, status=409),
    Screen("sender-elsewhere", "connection_senders.show", PASSED, during=ELSEWHERE, whole=True),
)  # fmt: skip
