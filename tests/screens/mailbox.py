"""The bounce mailbox in every state that has a picture: set up for the picture, and taken away again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page

from mailrith.connections.mailbox.models import BounceMailbox, SignIn
from mailrith.connections.models import Connection
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events.mailbox.returned import ANSWERED, SOURCE
from mailrith.events.mailbox.visiting import STEPS
from mailrith.events.models import HookRequest, HookRequestState
from tests.screens.screen import Screen, of
from tests.support.factories_mailboxes import make_mailbox

if TYPE_CHECKING:
    from tests.screens.world import World

During = Callable[["World"], AbstractContextManager[None]]

TOKEN = {
    "sign_in": SignIn.TOKEN,
    "password": "",
    "oauth_client_id": "5f1c2b0e-3c77-4a55-9d5e-0c6a7b1f2d34",
    "oauth_secret": "canary-client-secret",
    "oauth_refresh": "canary-refresh",
    "oauth_token_url": "https://login.northpost.example/oauth2/v2.0/token",
    "oauth_scope": "https://northpost.example/IMAP.AccessAsUser.All offline_access",
}
ENDED = {"key": "token_refused", "words": "invalid_grant: The refresh token has expired."}
REFUSED = {"key": "sign_in", "words": "[AUTHENTICATIONFAILED] Authentication failed."}


def having(**columns: Any) -> During:
    """The mailbox of the connection, and what it brought."""

    @contextmanager
    def during(world: "World") -> Iterator[None]:
        with world.app.app_context():
            public_id = world.ids["connection_passed"]
            connection = db.session.query(Connection).filter_by(public_id=public_id).one()
            values: dict[str, Any] = {
                "host": "imap.northpost.example",
                "username": "bounces@allotmentpost.example",
                "address": "bounces@allotmentpost.example",
                # Far ahead, so that no picture waits for a server.
                "next_at": now() + timedelta(days=1),
            }
            values |= columns
            if "trial" in values:
                asked_at = now() - timedelta(seconds=5)  # before the picture, not before the run
                values["trial"] = {**values["trial"], "asked_at": asked_at.isoformat()}
            mailbox = make_mailbox(connection.id, **values)
            if mailbox.fetched_at:
                db.session.add_all(_mails(connection.id))
            db.session.commit()
            yield
            db.session.query(HookRequest).filter_by(source=SOURCE).delete()
            db.session.query(BounceMailbox).filter_by(connection_id=connection.id).delete()
            db.session.commit()

    return during


def _mails(connection_id: int) -> Iterator[HookRequest]:
    for outcome, event, count in (
        ("applied", "hard_bounce", 31),
        ("ignored", ANSWERED, 12),
        ("ignored", "none", 3),
    ):
        for _ in range(count):
            yield HookRequest(
                connection_id=connection_id,
                source=SOURCE,
                body=b"",
                body_digest=bytes(32),
                state=HookRequestState.IGNORED,
                results=[{"event": event, "outcome": outcome}],
            )


def trial(
    steps: int, *, ok: bool = True, done: bool = True, trouble: dict[str, str] = REFUSED
) -> dict[str, Any]:
    taken = [
        {"name": name, "ok": True, "ms": 12 + 31 * at, "count": 46 if name == "open" else None}
        for at, name in enumerate(STEPS[:steps])
    ]
    if not ok:
        taken[-1] |= {"ok": False, "count": None}
    return {
        "steps": taken,
        "done": done,
        "trouble": {} if ok else trouble,
    }


def type_nonsense(page: Page) -> None:
    page.locator("[name=address]").fill("a-name-that-is-long@allotmentpost.example")
    page.locator("[name=host]").fill("127.0.0.1")
    page.locator("[name=username]").fill("bounces")
    page.get_by_role("button", name="Save and try it").click()
    page.wait_for_load_state("networkidle")


def move(page: Page) -> None:
    page.locator("[name=host]").fill("imap.elsewhere.example")


def _own(look: str, during: During | None = None, **more: Any) -> Screen:
    here = of("connection_passed")
    return Screen(
        f"mailbox-{look}", "connection_mailboxes.show", here, during=during, whole=True, **more
    )


SCREENS = (
    _own("new"),
    _own("refused", press=type_nonsense, status=422),
    _own("trying", having(trial=trial(2, done=False))),
    _own("passed", having(trial=trial(4), fetched_at=now() - timedelta(seconds=40))),
    _own("moved", having(trial=trial(4), fetched_at=now() - timedelta(seconds=40)), press=move),
    _own(
        "failing",
        having(
            trial=trial(3, ok=False),
            trouble=REFUSED,
            failures=4,
            failing_since=now() - timedelta(days=2),
            fetched_at=now() - timedelta(days=2, minutes=1),
        ),
    ),
    _own(
        "permission",
        having(
            **TOKEN,
            trial=trial(3, ok=False, trouble=ENDED),
            trouble=ENDED,
            failures=4,
            failing_since=now() - timedelta(days=2),
            fetched_at=now() - timedelta(days=2, minutes=1),
        ),
    ),
    _own("as-sending", having(sign_in=SignIn.SENDING, trial=trial(4), fetched_at=now())),
)
