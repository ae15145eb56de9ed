"""What a person sees who is sent by a program to set up a connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from mailrith.accounts.models import User
from mailrith.connections import setups
from mailrith.connections.models import Connection
from mailrith.connections.setups import ConnectionSetup, Wish
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.screens.screen import Screen

if TYPE_CHECKING:
    from tests.screens.world import World

WISH = Wish("Orders of the shop", "amazon-ses", "The Allotment Shop", "orders@allotmentpost.example")  # fmt: skip


@contextmanager
def asked(world: "World") -> Iterator[None]:
    """One that waits, one that has run out, one for another sign-in, one that is done."""
    with world.app.app_context():
        workspace = db.session.merge(world.ids["workspace"])
        owner = db.session.get_one(User, world.ids["user"].id)
        waits = setups.ask_for_new(workspace, owner, WISH)
        late = setups.ask_for_new(workspace, owner, WISH)
        late.expires_at = now() - timedelta(minutes=5)
        connection = db.session.scalars(
            select(Connection).where(Connection.account_id == workspace.account_id).limit(1)
        ).one()
        renewing = setups.ask_for_new(workspace, owner, Wish())
        renewing.purpose, renewing.connection_id = setups.SetupPurpose.REPLACE, connection.id
        renewing.fingerprint = connection.credential_fingerprint
        done = setups.ask_for_new(workspace, owner, WISH)
        done.connection_id, done.completed_at = connection.id, now()
        db.session.commit()
        world.ids |= {
            "setup_done": done.public_id,
            "setup": waits.public_id,
            "setup_late": late.public_id,
            "setup_renewing": renewing.public_id,
            "setup_made": connection.public_id,
        }
        yield
        db.session.execute(delete(ConnectionSetup))
        db.session.commit()


SHOW = "connection_setups.show"
SCREENS = (
    Screen("setup", SHOW, lambda w: {"public_id": w.ids["setup"]}, during=asked),
    Screen("setup-late", SHOW, lambda w: {"public_id": w.ids["setup_late"]}, during=asked),
    Screen("setup-renewing", SHOW, lambda w: {"public_id": w.ids["setup_renewing"]}, during=asked),
    Screen(
        "setup-made",
        SHOW,
        lambda w: {"public_id": w.ids["setup"], "connection": w.ids["setup_made"]},
        during=asked,
    ),
    Screen("setup-done", SHOW, lambda w: {"public_id": w.ids["setup_done"]}, during=asked),
)
