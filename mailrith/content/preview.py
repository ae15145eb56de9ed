"""One letter as one person will read it: for the composer, for test mails, for the figures beside them."""

import re
from dataclasses import dataclass
from datetime import datetime

from mailrith.content import links, merge, slots
from mailrith.content.compiled import compile_message
from mailrith.content.document import Document
from mailrith.content.filling import Context, in_context
from mailrith.content.footer import Footer
from mailrith.content.letter import Letter, Recipient
from mailrith.content.merge import Person
from mailrith.content.nodes import EmailButton, Image
from mailrith.content.rendering import render_html
from mailrith.content.slots import Slot
from mailrith.content.text import render_text

GMAIL_CLIPS_AT = 102 * 1024
"""Bytes of HTML after which Gmail shows "Message clipped" instead of the rest."""

WORDS_A_MINUTE = 230

NOWHERE = "#"
"""Where the unsubscribe link of a preview points when the caller has no page for it."""


@dataclass(frozen=True, slots=True)
class Counts:
    words: int
    links: int
    pictures: int

    @property
    def minutes(self) -> int:
        """Minutes of reading, rounded; 0 is "under a minute"."""
        return round(self.words / WORDS_A_MINUTE)


@dataclass(frozen=True, slots=True)
class Preview:
    """subject, preview_text, html, text: as this person gets them. size: bytes of the HTML."""

    subject: str
    preview_text: str
    html: str
    text: str
    size: int
    counts: Counts

    @property
    def is_clipped(self) -> bool:
        return self.size > GMAIL_CLIPS_AT


def preview(
    document: Document,
    *,
    person: Person,
    footer: Footer,
    subject: str = "",
    preview_text: str = "",
    unsubscribe_url: str = NOWHERE,
) -> Preview:
    """The letter filled for `person`. unsubscribe_url: an inert page, so that nobody who looks at a
    preview or forwards a test unsubscribes anybody.
    """
    html = render_html(document, preview_text=preview_text, footer=footer)
    html = _filled(html, person, unsubscribe_url, "html")
    text = _filled(render_text(document, footer=footer), person, unsubscribe_url, "text")
    return Preview(
        subject=merge.fill(subject, person),
        preview_text=merge.fill(preview_text, person),
        html=html,
        text=text,
        size=len(html.encode()),
        counts=count(document),
    )


def count(document: Document) -> Counts:
    """Words of the letter itself, links counted once each, pictures."""
    words = pictures = 0
    for node in links.nodes(document):
        text = getattr(node, "text", "")
        if isinstance(node, EmailButton):
            text = node.attrs.label
        elif isinstance(node, Image):
            pictures += 1
            text = node.attrs.caption or ""
        # A merge tag is read as one word, whatever its fallback has.
        words += len(re.findall(r"\w[\w’'-]*", merge.TAG.sub(" word ", text)))
    return Counts(words, len(links.Links(document).urls), pictures)


def test_message(
    letter: Letter,
    *,
    address: str,
    person: Person,
    message_id: str,
    inert_url: str,
    date: datetime,
) -> bytes:
    """The letter as a mail to one address, as `person` would get it. Its unsubscribe link and header
    lead to `inert_url`, which changes nothing, however often the mail is forwarded.
    """
    recipient = Recipient(
        address=address,
        person=person,
        message_id=message_id,
        unsubscribe_url=inert_url,
        date=date,
    )
    return compile_message(letter).build(recipient)


def _filled(text: str, person: Person, unsubscribe_url: str, context: Context) -> str:
    return "".join(
        piece if isinstance(piece, str) else _slot(piece, person, unsubscribe_url, context)
        for piece in slots.split(text)
    )


def _slot(slot: Slot, person: Person, unsubscribe_url: str, context: Context) -> str:
    match slot.kind:
        case "unsubscribe":
            return in_context(slot, unsubscribe_url, context)
        case "link":
            return in_context(slot, slot.text, context)
        case "pixel":
            return ""
        case _:
            return in_context(slot, merge.value(slot, person), context)
