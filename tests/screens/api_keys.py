"""API keys in every state that has a picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page
from sqlalchemy import delete, select

from mailrith.accounts.models import ApiKey, Member, User
from mailrith.accounts.scopes import READ_ONLY
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.screens.screen import Screen, empty
from tests.support.factories_api import key_for

if TYPE_CHECKING:
    from tests.screens.world import World

CHOSEN = ("workspace:read", "messages:write", "live_actions:write")


@contextmanager
def several(world: "World") -> Iterator[None]:
    """One that is used, one that ends, one that has ended, one that was revoked."""
    with world.app.app_context():
        workspace = db.session.merge(world.ids["workspace"])
        owner = db.session.scalars(
            select(User)
            .join(Member, Member.user_id == User.id)
            .where(Member.workspace_id == workspace.id, Member.role == "owner")
        ).one()

        def make(name: str, scopes: Any = CHOSEN, **changes: Any) -> ApiKey:
            key = key_for(workspace, owner, scopes, name=name).row
            for column, value in changes.items():
                setattr(key, column, value)
            return key

        day = timedelta(days=1)
        make("Old shop", revoked_at=now() - 40 * day, last_used_at=now() - 41 * day)
        make("Summer campaign of the allotment association and its friends", expires_at=now() - day)
        make("Orders of the shop", last_used_at=now() - timedelta(hours=3))
        world.ids["api_key"] = make("Dashboard", READ_ONLY, expires_at=now() + 90 * day).public_id
        db.session.commit()
        yield
        db.session.execute(delete(ApiKey))
        db.session.commit()


def choose(page: Page) -> None:
    page.locator("[name=access][value=chosen]").check()


def refuse(page: Page) -> None:
    page.locator("[name=access][value=chosen]").check()
    page.get_by_role("button", name="Create the key").click()
    page.wait_for_load_state("networkidle")


def make_one(page: Page) -> None:
    page.locator("[name=name]").fill("Till at the market")
    page.get_by_role("button", name="Create the key").click()
    page.wait_for_load_state("networkidle")


LIST, NEW = "api_keys.index", "api_keys.create"
SCREENS = (
    Screen("api-keys", LIST, during=several, whole=True),
    Screen("api-keys-empty", LIST, empty, who="newcomer"),
    Screen(
        "api-keys-revoke",
        "api_keys.confirm_revoke",
        lambda world: {"public_id": world.ids["api_key"]},
        during=several,
    ),
    Screen("api-keys-new", NEW, whole=True),
    Screen("api-keys-chosen", NEW, press=choose, whole=True),
    Screen("api-keys-refused", NEW, press=refuse, status=422, whole=True),
    Screen("api-keys-made", NEW, press=make_one, during=several, whole=True),
)
