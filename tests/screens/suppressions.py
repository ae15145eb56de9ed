"""The suppression list and the policy in every state that has a picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page
from sqlalchemy import delete, select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.suppression import actions
from mailrith.suppression.models import Suppression
from mailrith.suppression.models import SuppressionReason as Reason
from tests.screens.screen import Screen, Values, empty

if TYPE_CHECKING:
    from tests.screens.world import World

# address, whether it is kept, reason, where it came from
ENTRIES = (
    ("wren.holloway@fenmail.example", True, Reason.BOUNCED,
     "The mail server says that the address does not exist: 5.1.1 550 No such user here"),
    ("tomos@pritchardfamily.example", True, Reason.UNSUBSCRIBED, "Their link in a letter"),
    ("greenfingers.of.the.lower.allotments@mailbox.example", True, Reason.PROVIDER,
     "The email service has it on its own suppression list: Bounced Address"),
    ("k.asante-boateng@northcollege.example", True, Reason.COMPLAINED, "Marked the mail as spam."),
    ("somebody@gone.example", False, Reason.COMPLAINED, "Deleted while not Active"),
    ("press@dalstonchronicle.example", True, Reason.MANUAL, "Added by Hannah Okafor: They asked by post"),
)  # fmt: skip


def _fingerprint(workspace: Workspace, address: str) -> bytes:
    return addresses.fingerprint(workspace.address_salt, address)


@contextmanager
def suppressed(world: "World") -> Iterator[None]:
    """A list with an entry of each kind."""
    with world.app.app_context():
        workspace = db.session.merge(world.ids["workspace"])
        before = set(db.session.scalars(select(Suppression.id)))
        for address, is_kept, reason, source in ENTRIES:
            kept = address if is_kept else None
            actions.suppress(workspace.id, _fingerprint(workspace, address), kept, reason, source)
        db.session.commit()
        yield
        db.session.execute(delete(Suppression).where(Suppression.id.not_in(before)))
        db.session.commit()


def entry(place: int) -> Values:
    """The address of one of ENTRIES."""

    def values(world: "World") -> dict[str, Any]:
        return {"code": _fingerprint(world.ids["workspace"], ENTRIES[place][0]).hex()}

    return values


def remove_without_reason(page: Page) -> None:
    page.get_by_role("button", name="Take it off").click()
    page.wait_for_load_state("networkidle")


def add_nobody(page: Page) -> None:
    page.locator("[name=pasted]").fill("wren at fenmail\n")
    page.get_by_role("button", name="Add to the list").click()
    page.wait_for_load_state("networkidle")


def refuse_policy(page: Page) -> None:
    page.locator("[name=bounces]").fill("1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state("networkidle")


def row_menu(page: Page) -> None:
    page.locator("tbody .menu > summary").first.click()


LIST = "suppressions.index"
SCREENS = (
    Screen("suppressions", LIST, during=suppressed, whole=True),
    Screen("suppressions-menu", LIST, during=suppressed, press=row_menu),
    Screen("suppressions-none", LIST, lambda _: {"q": "nobody is called so"}, during=suppressed),
    Screen("suppressions-empty", LIST, empty, who="newcomer"),
    Screen("suppressions-add", "suppressions.create", whole=True),
    Screen("suppressions-refused", "suppressions.create", press=add_nobody, status=422, whole=True),
    Screen("suppressions-remove", "suppressions.confirm_remove", entry(0), during=suppressed),
    Screen(
        "suppressions-why",
        "suppressions.confirm_remove",
        entry(1),
        during=suppressed,
        press=remove_without_reason,
        status=422,
    ),
    Screen("suppressions-stays", "suppressions.confirm_remove", entry(3), during=suppressed),
    Screen("settings-bounces", "policy.edit", whole=True),
    Screen("settings-bounces-refused", "policy.edit", press=refuse_policy, status=422, whole=True),
)
