"""What a person writes into a broadcast, checked and put in its place. Two windows never overwrite each other unseen."""

from dataclasses import dataclass
from datetime import datetime

from mailrith.broadcasts.models import PREVIEW_CHARS, SUBJECT_CHARS, Broadcast, BroadcastStatus
from mailrith.broadcasts.queries import lock
from mailrith.content.markdown import document_from_markdown
from mailrith.core import addresses
from mailrith.core.errors import Conflict, Invalid
from mailrith.core.line_breaks import breaks_a_line
from mailrith.subscribers.audience import Audience

MARKDOWN_CHARS = 200_000  # about the length of a short novel


class Edited(Conflict):
    """Somebody, or another window, saved in between. Nothing was overwritten."""


@dataclass(frozen=True)
class Words:
    """The letter as typed."""

    subject: str
    preview_text: str
    markdown: str


@dataclass(frozen=True)
class Plan:
    """Who gets it, through what, and when. `leaves_at` None means as soon as Send is pressed."""

    audience: Audience
    connection_id: int | None
    reply_to_email: str
    leaves_at: datetime | None


def put_words(broadcast: Broadcast, words: Words, version: int) -> None:
    """Replace the letter. Raises Edited, Conflict when it is no draft, Invalid with the field to change."""
    check_editable(broadcast, version)
    document = document_from_markdown(_text(words.markdown)).to_json()
    _put(
        broadcast,
        {
            "subject": _line(words.subject, "subject", SUBJECT_CHARS),
            "preview_text": _line(words.preview_text, "preview_text", PREVIEW_CHARS),
            "markdown": _text(words.markdown),
            "body_document": document,
        },
    )


def put_plan(broadcast: Broadcast, plan: Plan, version: int) -> None:
    """Replace audience, connection, reply address and time. Raises as `put_words` does."""
    check_editable(broadcast, version)
    _put(
        broadcast,
        {
            "audience": plan.audience.to_json(),
            "connection_id": plan.connection_id,
            "reply_to_email": _reply_to(plan.reply_to_email),
            "scheduled_at": plan.leaves_at,
        },
    )


def check_editable(broadcast: Broadcast, version: int | None) -> None:
    """Raises Conflict when it is no draft, Edited when it is not the version that was looked at.

    What it finds stays true until the transaction ends.
    """
    lock(broadcast)
    if broadcast.status == BroadcastStatus.SCHEDULED:
        raise Conflict("It is scheduled. Take it back to a draft first, then change it.")
    if not broadcast.editable:
        raise Conflict("It has been sent, so it cannot be changed any more. Duplicate it instead.")
    check_version(broadcast, version)


def check_version(broadcast: Broadcast, version: int | None) -> None:
    """Raises Edited when it was saved since. None asks for no check."""
    if version is not None and version != broadcast.version:
        raise Edited("This broadcast was saved in another window since you opened it here.")


def _put(broadcast: Broadcast, values: dict[str, object]) -> None:
    changed = {name: value for name, value in values.items() if getattr(broadcast, name) != value}
    for name, value in changed.items():
        setattr(broadcast, name, value)
    if changed:
        broadcast.version += 1


def _line(text: str, field: str, longest: int) -> str:
    text = text.strip()
    what = "subject" if field == "subject" else "preview text"
    if breaks_a_line(text):
        raise Invalid(f"The {what} is one line. Take out the line break.", field=field)
    if len(text) > longest:
        raise Invalid(
            f"The {what} has {len(text):,} characters. {longest} are the most.", field=field
        )
    return text


def _text(markdown: str) -> str:
    markdown = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if len(markdown) > MARKDOWN_CHARS:
        raise Invalid(
            f"The letter has {len(markdown):,} characters. {MARKDOWN_CHARS:,} are the most.",
            field="markdown",
        )
    return markdown


def _reply_to(text: str) -> str:
    if not text.strip():
        return ""
    parsed = addresses.parse_address(text)
    if isinstance(parsed, addresses.Problem):
        raise Invalid(parsed.sentence, field="reply_to_email")
    return parsed.text
