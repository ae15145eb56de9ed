"""The verbs of single messages, in three steps, because attachments may have to be fetched: check, compose, accept.

checked = actions.check(workspace, drafts)     # reads
composed = actions.compose(checked)            # may wait for the network: no transaction may be open, if it `fetches`
messages = actions.accept(workspace, composed) # writes; the caller commits
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mailrith.accounts.models import Workspace
from mailrith.content.characters import one_value
from mailrith.content.limits import LARGEST_BODY
from mailrith.core.clock import now
from mailrith.core.errors import Invalid
from mailrith.messages import attachments, checking, composing, reading_back, senders
from mailrith.messages.accepting import Composed, accept
from mailrith.messages.drafts import Draft, Mailbox
from mailrith.messages.senders import NoConnection, Unusable, Way

__all__ = [
    "Checked",
    "Composed",
    "NoConnection",
    "Unusable",
    "accept",
    "check",
    "compose",
    "fetches",
]

HEADROOM = 20_000  # bytes for the Message-ID and what a mail service wants in the header
_SAMPLE_ID = "0.sample@example.com"


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that can become a message; `at` is where it stands in the call."""

    draft: Draft
    way: Way
    at: str


def check(workspace: Workspace, drafts: Sequence[Draft], *, single: bool = False) -> list[Checked]:
    """Everything that can be said without the network. `single`: fields are named without "messages[0]." before them.

    Raises Invalid for a field, NotFound for a connection of others, NoConnection and Unusable.
    """
    if not drafts:
        raise Invalid("Give at least one message.", field="messages")
    if len(drafts) > checking.MOST_MESSAGES:
        raise Invalid(
            f"There are {len(drafts)} messages. {checking.MOST_MESSAGES} are the most.",
            field="messages",
        )
    places = [""] if single else [f"messages[{place}]." for place in range(len(drafts))]
    for draft, at in zip(drafts, places, strict=True):
        checking.check(draft, at)
        attachments.check(draft.attachments, at)
    return [
        Checked(_tidied(draft), senders.way_of(workspace, draft, at), at)
        for draft, at in zip(drafts, places, strict=True)
    ]


def fetches(checked: Sequence[Checked]) -> bool:
    """Whether composing these waits for the network."""
    return any(file.url is not None for one in checked for file in one.draft.attachments)


def compose(checked: Sequence[Checked]) -> list[Composed]:
    """Fetch what has to be fetched, and build the bytes. Not inside a transaction. Raises Invalid for a field."""
    collection = attachments.Collection()
    return [_composed(one, collection) for one in checked]


def _composed(one: Checked, collection: attachments.Collection) -> Composed:
    files = collection.files(one.draft.attachments, one.at)
    letter = composing.letter_of(one.draft, one.way.sender, files, now())
    content = composing.compose(letter)
    if len(content) > LARGEST_BODY - HEADROOM:
        raise Invalid(
            f"As it is sent, this message has {len(content) / 1e6:.1f} MB. {LARGEST_BODY // 1_000_000} MB are the most, "
            "and attachments grow by a third on the way.",
            field=f"{one.at}{'attachments' if files else 'html' if one.draft.html else 'text'}",
        )
    whole = composing.message_id_field(_SAMPLE_ID) + content
    for difference in reading_back.differences(letter, _SAMPLE_ID, whole):
        raise Invalid(
            f"This message would not arrive as it was written: {difference}.",
            field=f"{one.at}subject",
        )
    return Composed(one.draft, one.way.connection_id, one.way.sender, content)


def _tidied(draft: Draft) -> Draft:
    """With addresses and subject as they go over the wire."""
    lists: dict[str, Any] = {
        name: tuple(_plain(one) for one in getattr(draft, name))
        for name in ("to", "cc", "bcc", "reply_to")
    }
    return replace(draft, subject=one_value(draft.subject), **lists)


def _plain(one: Mailbox) -> Mailbox:
    return Mailbox(checking.check_email(one.email, "email").text, one.name)
