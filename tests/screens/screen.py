"""One line of the table of screens, and the usual ways to fill its address."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.screens.world import World

Values = Callable[["World"], dict[str, Any]]


def nothing(_world: "World") -> dict[str, Any]:
    return {}


def of(name: str, **more: Any) -> Values:
    """The address of one thing of the sample or of `states`."""
    return lambda world: {"public_id": world.ids[name], **more}


def secret(name: str, argument: str = "token") -> Values:
    """The address behind the link of a mail."""
    return lambda world: {argument: world.ids[name]}


def empty(world: "World") -> dict[str, Any]:
    """In a workspace where nothing has been done yet."""
    return {"ws": world.ids["empty"].slug}


@dataclass(frozen=True)
class Screen:
    """`values` fills the address; `press` brings the page into the state of the picture; `status` is what it answers."""

    name: str
    endpoint: str
    values: Values = nothing
    press: Callable[[Page], None] | None = None
    who: str = "user"  # the name in `ids` of whoever is signed in
    anonymous: bool = False
    status: int = 200  # of the address, or of what the press leads to
    editor: bool = False  # may be heavier than other pages
    path: str = ""  # instead of an endpoint's address
    whole: bool = False  # the picture goes down to the foot of the page
    during: Callable[["World"], AbstractContextManager[None]] | None = None  # what holds meanwhile
