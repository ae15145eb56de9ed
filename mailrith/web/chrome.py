"""What stands around every page: where one is, who one is, what is going on. Read only as far as a template asks."""

import time
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from flask import Flask, g, request, url_for
from flask_login import current_user

from mailrith.accounts import queries as accounts
from mailrith.accounts.models import MemberRole, User, Workspace
from mailrith.broadcasts import queries as broadcasts
from mailrith.core import config, queue
from mailrith.subscribers import queries as subscribers
from mailrith.subscribers.models import SubscriberStatus
from mailrith.web.filters import has_endpoint

PULSE_SECONDS = 5.0  # how old the news about workers may be
SLOW_SECONDS = 0.02  # a count that took longer is remembered
SHARE = 100  # for so many times as long: counting takes at most a hundredth of the time


@dataclass(frozen=True)
class Place:
    """A line of the workspace switcher."""

    name: str
    slug: str
    url: str
    current: bool


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    display_name: str
    email: str
    initials: str
    role: str


@dataclass(frozen=True)
class Undo:
    """A send that can still be taken back."""

    subject: str
    count: int
    seconds_left: int
    seconds_total: int
    url: str


@dataclass(frozen=True)
class Banner:
    """A sentence about the state of the installation."""

    title: str
    text: str
    tone: str = ""
    link: None = None


class Chrome:
    """Each part is looked up when a template first asks for it, so a partial costs nothing."""

    @property
    def workspace(self) -> Workspace | None:
        """The workspace of the page."""
        found: Workspace | None = g.get("workspace")
        return found

    @cached_property
    def workspaces(self) -> list[Place]:
        """All of the person's, by name."""
        here = self.workspace.id if self.workspace else None
        return [
            Place(w.name, w.slug, url_for("broadcasts.index", ws=w.slug), w.id == here)
            for w in accounts.workspaces_of(current_user.id)
        ]

    @cached_property
    def user(self) -> Person | None:
        """The person, with what they are in this workspace."""
        if not current_user.is_authenticated:
            return None
        user: User = current_user
        return Person(user.name, user.email, user.initials, _role())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many people get letters."""
        return {"subscribers": _active(self.workspace)} if self.workspace else {}

    @cached_property
    def sending(self) -> bool:
        """Whether a broadcast of this workspace is going out."""
        return bool(self.workspace and broadcasts.running_in(self.workspace.id))

    @cached_property
    def undo(self) -> Undo | None:
        """What can still be taken back."""
        found = broadcasts.undoable_in(self.workspace.id) if self.workspace else None
        if found is None or not has_endpoint("broadcast_reviews.undo"):
            return None
        return Undo(
            subject=found.broadcast.subject,
            count=found.run.confirmed_count or found.run.frozen_count or 0,
            seconds_left=found.seconds_left,
            seconds_total=config.current().undo_seconds,
            url=url_for("broadcast_reviews.undo", public_id=found.broadcast.public_id),
        )

    @cached_property
    def banner(self) -> Banner | None:
        """What the installation needs, if it is in the way of the person here."""
        if self.workspace is None:
            return None
        if not _has_workers():
            return _no_workers()
        settings = config.current()
        about_sending = {"/broadcasts", "/connections"} & {"/" + p for p in request.path.split("/")}
        if not settings.public_https and not settings.demo and about_sending:
            return Banner(
                "Only local connections send.",
                f"Readers cannot open links to {settings.public_url}. Whoever runs this installation sets MAILRITH_PUBLIC_URL to a public https address.",
            )
        return None


def register(app: Flask) -> None:
    """Give every template `chrome`."""

    @app.context_processor
    def around() -> dict[str, Chrome]:
        if "chrome" not in g:
            g.chrome = Chrome()
        return {"chrome": g.chrome}


def _role() -> str:
    member = g.get("member")
    if member is None:
        return ""
    return "Owner" if member.role == MemberRole.OWNER else "Member"


_counted: dict[UUID, tuple[float, int]] = {}  # workspace -> (good until, people)


def _active(workspace: Workspace) -> int:
    until, people = _counted.get(workspace.public_id, (0.0, 0))
    begun = time.monotonic()
    if begun < until:
        return people
    people = subscribers.counts_by_status(workspace.id)[SubscriberStatus.ACTIVE]
    took = time.monotonic() - begun
    if took > SLOW_SECONDS:
        _counted[workspace.public_id] = (begun + took * SHARE, people)
    return people


_pulse: dict[str, tuple[float, bool]] = {}  # queue server -> (good until, workers there)


def _has_workers() -> bool:
    address = config.current().redis_url
    until, there = _pulse.get(address, (0.0, False))
    if time.monotonic() >= until:
        there = bool(queue.worker_names())
        _pulse[address] = (time.monotonic() + PULSE_SECONDS, there)
    return there


def _no_workers() -> Banner:
    return Banner(
        "Nothing moves at the moment.",
        "No worker is running, so nothing is sent or imported. What you start waits, and nothing is lost. "
        "Whoever runs this installation starts one with “mailrith worker”.",
        tone="bad",
    )
