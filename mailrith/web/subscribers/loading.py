"""The rows of an address, and whose request it is. Strangers get the 404 of what does not exist."""

from datetime import UTC, date, datetime, time
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort, g
from flask_login import current_user
from markupsafe import Markup

from mailrith.accounts.models import User
from mailrith.accounts.permissions import can
from mailrith.core.clock import now
from mailrith.subscribers import imports, queries
from mailrith.subscribers.models import Import, Subscriber


def load(public_id: UUID) -> Subscriber:
    """A subscriber of this workspace."""
    return queries.get(g.workspace.id, public_id) or abort(404)


def load_import(public_id: UUID) -> Import:
    """An import of this workspace."""
    return imports.get(g.workspace.id, public_id) or abort(404)


def may_manage() -> bool:
    """Whether buttons that change something are shown."""
    return can(g.member, "subscribers", "manage")


def user() -> User:
    """Who asks."""
    return cast("User", current_user)


def signature() -> str:
    """Who asks, as the timeline names them."""
    return user().display_name or user().email


def start_of(day: date) -> datetime:
    """When that day begins where the workspace lives."""
    return datetime.combine(day, time(), ZoneInfo(g.workspace.time_zone)).astimezone(UTC)


def today() -> date:
    """The day it is where the workspace lives."""
    return now().astimezone(ZoneInfo(g.workspace.time_zone)).date()


def day_words(moment: datetime) -> Markup:
    """The day where the workspace lives: "3 Sep 2025"."""
    local = moment.astimezone(ZoneInfo(g.workspace.time_zone))
    words = f"{local.day} {local:%b %Y}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.date().isoformat(), f"{words}, {local:%H:%M %Z}", words
    )
