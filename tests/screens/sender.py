"""Sender identity in every state that has a picture: put onto a connection for the picture, and taken off again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page

from mailrith.connections.models import Connection
from mailrith.connections.sender_checks import reading
from mailrith.connections.sender_checks.dkim import Key, KeyState
from mailrith.connections.sender_checks.dmarc import Dmarc
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.proof import Proof, Signature
from mailrith.connections.sender_checks.report import Report
from mailrith.connections.sender_checks.spf import Spf
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.screens.screen import Screen, of

if TYPE_CHECKING:
    from tests.screens.world import World

During = Callable[["World"], AbstractContextManager[None]]

DOMAIN = "allotmentpost.example"
SENDER = f"hannah@{DOMAIN}"
GOOD = Report(
    SENDER,
    Spf(Outcome.FOUND, ("v=spf1 mx a:smtp.northpost.example ~all",), 2, (), "~", (), True),
    (
        Key(f"mail._domainkey.{DOMAIN}", KeyState.GOOD, "rsa", 2048),
        Key(f"s1._domainkey.{DOMAIN}", KeyState.GOOD, "rsa", 1024, alias="s1.keys.northpost.example"),
    ),
    Dmarc(Outcome.FOUND, DOMAIN, ("v=DMARC1; p=none",), "none"),
)  # fmt: skip
NOTHING = Report(SENDER, Spf(Outcome.NONE), (), Dmarc(Outcome.NONE))
BROKEN = replace(
    GOOD,
    spf=Spf(
        Outcome.FOUND,
        ("v=spf1 include:_spf.google.com -all", "v=spf1 mx ip4:203.0.113.24 +all"),
        problems=(("several", "2"),),
    ),
    dkim=(
        Key(f"mail._domainkey.{DOMAIN}", KeyState.REVOKED, "rsa"),
        Key(f"old._domainkey.{DOMAIN}", KeyState.BROKEN, "rsa", 512, problem="short"),
    ),
    dmarc=Dmarc(Outcome.NONE),
    gone=(("dmarc", "2026-11-14T06:00:00+00:00"),),
)
PROVED = Proof(
    SENDER, SENDER, "mx.google.com", "pass", DOMAIN,
    (Signature(DOMAIN, "mail", "pass", one_click=True),), "pass", "signed",
)  # fmt: skip
FAILED = replace(
    PROVED,
    arrived_from="hannah@4711.northpost.example",
    spf="softfail",
    signatures=(Signature("northpost.example", "np1", "pass"),),
    dmarc="fail",
    one_click="unsigned",
)


def having(
    name: str, report: Report | None, proof: Proof | None = None, *, asked: int | None = None
) -> During:
    """The connection as a check and a test mail left it; a check was `asked` for so many seconds ago."""

    @contextmanager
    def during(world: "World") -> Iterator[None]:
        with world.app.app_context():
            found = db.session.query(Connection).filter_by(public_id=world.ids[name]).one()
            before = found.sender_report, found.sender_checked_at, found.dkim_selectors
            data = replace(report, sender=found.from_email).as_data() if report else {}
            if proof:
                ours = replace(
                    proof,
                    sender=found.from_email,
                    route=reading.route_of(found),
                    at=now().isoformat(),
                )
                data["proof"] = ours.as_data()
            if asked is not None:
                data["asked_at"] = (now() - timedelta(seconds=asked)).isoformat()
            found.sender_report = data
            found.sender_checked_at = now() - timedelta(hours=3) if report else None
            found.dkim_selectors = ["mail"] if report else []
            db.session.commit()
            yield
            found.sender_report, found.sender_checked_at, found.dkim_selectors = before
            db.session.commit()

    return during


def paste_nonsense(page: Page) -> None:
    page.locator("[name=source]").fill("Hello,\n\nif you can read it, it works.\n")
    page.get_by_role("button", name="Read it").click()
    page.wait_for_load_state("networkidle")


def _own(look: str, during: During, **more: Any) -> Screen:
    here = of("connection_passed")
    return Screen(
        f"sender-{look}", "connection_senders.show", here, during=during, whole=True, **more
    )


SCREENS = (
    _own("new", having("connection_passed", None)),
    _own("looking", having("connection_passed", None, asked=0)),
    _own("stuck", having("connection_passed", None, asked=600)),
    _own("missing", having("connection_passed", NOTHING)),
    _own("broken", having("connection_passed", BROKEN)),
    _own("found", having("connection_passed", GOOD)),
    _own("proved", having("connection_passed", GOOD, PROVED)),
    _own("failed", having("connection_passed", GOOD, FAILED)),
    _own("skipped", having("connection_passed", Report(SENDER, skipped="reserved"))),
    _own("refused", having("connection_passed", GOOD), press=paste_nonsense, status=422),
    Screen(
        "sender-service",
        "connection_senders.show",
        of("connection_paused"),
        during=having("connection_paused", NOTHING),
        whole=True,
    ),
)  # fmt: skip
