"""Order and fallback, and a sending of which one connection stopped on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import Page
from sqlalchemy import select

from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunRoute
from mailrith.delivery.runs import routes
from tests.screens.screen import Screen, empty, of

if TYPE_CHECKING:
    from tests.screens.world import World


@contextmanager
def taken_over(world: "World") -> Iterator[None]:
    """Of what is being sent and what was sent, another connection carries the rest."""
    with world.app.app_context():
        other = db.session.scalars(
            select(Connection).where(Connection.public_id == world.ids["connection_passed"])
        ).one()
        sources = [world.ids[name] for name in ("sending", "finished")]
        runs = db.session.scalars(select(Run).where(Run.source_public_id.in_(sources))).all()
        for run in runs:
            routes.lead(run.id, other.id)
            left = db.session.get_one(RunRoute, (run.id, run.connection_id))
            left.left_at, left.left_cause = now() - timedelta(minutes=6), "connection_refused"
        db.session.commit()
        yield
        for run in runs:
            db.session.delete(db.session.get_one(RunRoute, (run.id, other.id)))
            routes.lead(run.id, run.connection_id)
        db.session.commit()


def split_and_ask_why(page: Page) -> None:
    page.locator("[name=spread][value=split]").check()
    page.locator(".route-why summary").first.click()


def mistype(page: Page) -> None:
    page.locator("[name=spread][value=split]").check()
    page.locator(".route-share input").first.fill("a lot")
    page.locator("main form .btn-primary").click()
    page.wait_for_load_state("networkidle")


SCREENS = (
    Screen("order", "connection_routing.show", whole=True),
    Screen("order-split", "connection_routing.show", press=split_and_ask_why, whole=True),
    Screen("order-mistyped", "connection_routing.show", press=mistype, status=422, whole=True),
    Screen("order-empty", "connection_routing.show", empty, who="newcomer"),
    Screen("sending-taken-over", "broadcast_sendings.show", of("sending"), during=taken_over, whole=True),
    Screen("report-taken-over", "broadcast_reports.show", of("finished"), during=taken_over),
    Screen("report-people-through", "broadcast_reports.people", of("finished", state="failed"), during=taken_over),
)  # fmt: skip
