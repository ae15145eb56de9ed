"""The limits of a connection: a warm-up under way, receivers, shares, and others of the same account."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.screens.screen import Screen, of

if TYPE_CHECKING:
    from tests.screens.world import World

VALUES = {
    "day_zone": "America/Los_Angeles",
    "ramp_start": 200,
    "ramp_growth": 50,
    "ramp_target": 5000,
    "receiver_limits": {
        "gmail.com": {"per_second": 20, "sessions": 5},
        "readers.example": {"per_second": 2, "sessions": None},
    },
}


@contextmanager
def limited(world: "World") -> Iterator[None]:
    """Everything that can be set is set on the connection that works."""
    with world.app.app_context():
        (connection,) = db.session.query(Connection).filter_by(
            public_id=world.ids["connection_passed"]
        )
        workspace_id = world.ids["workspace"].id
        assigned = db.session.get_one(ConnectionWorkspace, (workspace_id, connection.id))
        before = {name: getattr(connection, name) for name in VALUES}
        for name, value in VALUES.items():
            setattr(connection, name, value)
        connection.ramp_began_at, assigned.share = now() - timedelta(days=3), 25
        for one in db.session.query(Connection).filter(Connection.sealed_host.is_not(None)):
            limit_groups.mark(one)
        db.session.commit()
        yield
        for name, value in before.items():
            setattr(connection, name, value)
        connection.ramp_began_at, assigned.share = None, None
        db.session.commit()


def unfold(page: Page) -> None:
    """Only the limits, with all that is folded in them."""
    page.locator(".conn-form .fold:has(#per_day)").evaluate("fold => { fold.open = true }")
    page.locator(".conn-limits .fold").evaluate_all(
        "folds => folds.forEach(f => { f.open = true })"
    )


def fold(page: Page) -> None:
    """The limits, as they are when somebody opens them."""
    page.locator(".conn-form .fold:has(#per_day)").evaluate("fold => { fold.open = true }")


def mistype(page: Page) -> None:
    """Refused inside of what is folded."""
    unfold(page)
    page.locator("#ramp_target").fill("")
    page.locator("#per_day").fill("")
    page.locator("#to_2_per_second").fill("7")
    page.locator(".conn-form button[type=submit]").last.click()
    page.wait_for_load_state("networkidle")


SCREENS = (
    Screen("connection-limits", "connections.edit", of("connection_passed"), during=limited, press=unfold, whole=True),
    Screen("connection-limits-folded", "connections.edit", of("connection_passed"), during=limited, press=fold, whole=True),
    Screen("connection-limits-refused", "connections.edit", of("connection_passed"), during=limited, press=mistype, status=422, whole=True),
)  # fmt: skip
