"""The words that a workspace puts on people: creating, renaming and deleting tags, and giving them to one person."""

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.subscribers import bulk, queries, wording
from mailrith.subscribers.models import TAG_CHARS, Subscriber, Tag

# (workspace id, tag id) -> what stands in the way of deleting it, in words: drafts that name the tag, for example
Use = Callable[[int, int], Iterable[str]]

_uses: list[Use] = []


def register_use(use: Use) -> None:
    """A package above says who names a tag. Twice is once, because tests make more than one app."""
    if use not in _uses:
        _uses.append(use)


def uses_of(tag: Tag) -> list[str]:
    """Everything that names the tag, in words."""
    return [words for use in _uses for words in use(tag.workspace_id, tag.id)]


def create(workspace_id: int, *, name: str, description: str = "") -> Tag:
    """A new tag. Raises Invalid when the name is empty, too long or taken."""
    name = checked_name(workspace_id, name)
    tag = Tag(
        workspace_id=workspace_id,
        name=name,
        name_key=name.casefold(),
        description=_description(description),
    )
    db.session.add(tag)
    db.session.flush()
    return tag


def edit(tag: Tag, *, name: str, description: str) -> None:
    """Rename or describe. Audiences keep meaning the same people."""
    tag.name = checked_name(tag.workspace_id, name, besides=tag)
    tag.name_key = tag.name.casefold()
    tag.description = _description(description)


def delete(tag: Tag) -> None:
    """Take the tag from everybody and forget it. Raises Conflict while something names it."""
    found = uses_of(tag)
    if found:
        raise Conflict(
            f"“{tag.name}” is used by {', '.join(found[:5])}. Take it out there first, then delete it."
        )
    db.session.delete(tag)


def get_or_create(workspace_id: int, name: str) -> Tag:
    """The tag of that name, new if it was not there."""
    name = wording.one_line(name)
    return queries.tag_named(workspace_id, name) or create(workspace_id, name=name)


def set_tags(subscriber: Subscriber, tag_ids: Collection[int]) -> None:
    """Give the person exactly these tags of the workspace."""
    mine = [Subscriber.id == subscriber.id]
    wanted = set(tag_ids)
    has = {
        tag.id for tag in queries.tags_of(subscriber.workspace_id, [subscriber.id])[subscriber.id]
    }
    changed = db.session.scalars(
        select(Tag).where(Tag.workspace_id == subscriber.workspace_id, Tag.id.in_(wanted ^ has))
    ).all()
    for tag in changed:
        verb = bulk.tag if tag.id in wanted else bulk.untag
        verb(subscriber.workspace_id, mine, tag)


def checked_name(workspace_id: int, name: str, *, besides: Tag | None = None) -> str:
    """The name as it is stored. Raises Invalid when it is empty, too long or taken."""
    name = wording.one_line(name)
    if not name:
        raise Invalid("Give the tag a name.", field="name")
    if len(name) > TAG_CHARS:
        raise Invalid(
            f"The name has {len(name):,} characters; {TAG_CHARS} is the most. Shorten it.",
            field="name",
        )
    there = queries.tag_named(workspace_id, name)
    if there is not None and there is not besides:
        raise Invalid(f"There is a tag “{there.name}” already.", field="name")
    return name


def _description(text: str) -> str:
    text = wording.one_line(text)
    if len(text) > 300:
        raise Invalid(
            f"The description has {len(text):,} characters; 300 is the most.", field="description"
        )
    return text
