"""The command palette: pages, letters, people and tags of the workspace that fit what was typed."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, g, render_template, request, url_for
from markupsafe import Markup, escape

from mailrith.accounts import permissions
from mailrith.broadcasts import queries as broadcasts
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.subscribers import queries as subscribers
from mailrith.web.filters import has_endpoint

QUERY_CHARS = 200
TAGS_SHOWN = 3

blueprint = Blueprint("palette", __name__)

_STATUS_WORDS = {
    BroadcastStatus.RUNNING: "Sending",
    BroadcastStatus.COMPLETED: "Sent",
}
# name, where it leads, its icon, the area a member must be able to see
_PAGES = (
    ("Broadcasts", "broadcasts.index", "send", "broadcasts"),
    ("Subscribers", "subscribers.index", "users", "subscribers"),
    ("Import subscribers", "imports.create", "upload", "subscribers"),
    ("Tags", "tags.index", "tag", "subscribers"),
    ("Suppression list", "suppressions.index", "mail-x", "subscribers"),
    ("Email Delivery Connections", "connections.index", "plug", "connections"),
    ("Workspace settings", "settings.workspace", "settings", "workspace"),
    ("Bounces and complaints", "policy.edit", "settings", "workspace"),
    ("Profile", "profile.show", "user-round", None),
    ("Create a workspace", "workspaces.create", "plus", None),
)


@dataclass(frozen=True)
class Entry:
    """One line of the palette. `label` may hold <mark> around what was typed."""

    label: str
    url: str
    icon: str
    note: str = ""


@blueprint.get("/palette")
def search() -> str:
    """The list below the palette's input, as a partial."""
    text = request.args.get("q", "").strip()[:QUERY_CHARS]
    groups = [(name, entries) for name, entries in _groups(text) if entries]
    return render_template("shell/_palette_results.html", groups=groups, text=text)


def _groups(text: str) -> Iterator[tuple[str, list[Entry]]]:
    if text and _may_see("broadcasts"):
        yield "Broadcasts", list(_broadcasts(text))
    if text and _may_see("subscribers"):
        yield "Subscribers", list(_subscribers(text))
        yield "Tags", list(_tags(text))
    yield "Go to", list(_pages(text))


def _broadcasts(text: str) -> Iterator[Entry]:
    if not has_endpoint("broadcasts.show"):
        return
    for found in broadcasts.palette_search(g.workspace.id, text):
        note = _STATUS_WORDS.get(found.status, found.status.capitalize())
        icon = "file-pen-line" if found.status == BroadcastStatus.DRAFT else "send"
        url = url_for("broadcasts.show", public_id=found.public_id)
        yield Entry(marked(found.title, text), url, icon, note)


def _subscribers(text: str) -> Iterator[Entry]:
    if not has_endpoint("subscribers.show"):
        return
    for person in subscribers.palette_search(g.workspace.id, text):
        label = f"{person.name}, {person.email}" if person.name else person.email
        url = url_for("subscribers.show", public_id=person.public_id)
        yield Entry(marked(label, text), url, "user-round", str(person.status))


def _tags(text: str) -> Iterator[Entry]:
    wanted = text.casefold()
    found = [tag for tag in subscribers.tags(g.workspace.id) if wanted in tag.name_key]
    for tag in found[:TAGS_SHOWN]:
        url = url_for("subscribers.index", tag=tag.public_id)
        yield Entry(marked(tag.name, text), url, "tag")


def _pages(text: str) -> Iterator[Entry]:
    for label, endpoint, icon, area in _PAGES:
        if text.casefold() not in label.casefold() or not has_endpoint(endpoint):
            continue
        if area is None or _may_see(area):
            yield Entry(marked(label, text), url_for(endpoint), icon)


def _may_see(area: str) -> bool:
    return permissions.can(g.member, area, "view")


def marked(label: str, text: str) -> Markup:
    """`label` with the first place where `text` occurs in <mark>; both are escaped."""
    at = label.casefold().find(text.casefold()) if text else -1
    if at < 0:
        return escape(label)
    end = at + len(text)
    return Markup("{}<mark>{}</mark>{}").format(label[:at], label[at:end], label[end:])
