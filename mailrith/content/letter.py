"""One letter as everybody gets it, before anybody's values are in it; and one reader of it."""

from dataclasses import dataclass
from datetime import datetime

from mailrith.content.document import Document
from mailrith.content.footer import Footer
from mailrith.content.headers import shortened
from mailrith.content.merge import Person
from mailrith.content.rendering import render_html
from mailrith.content.text import render_text


@dataclass(frozen=True, slots=True)
class Letter:
    """subject and preview_text: as typed, with merge tags. html and text: rendered, with slots.
    reply_to: an address, or empty. list_id: the identifier of RFC 2919, without brackets.
    feedback_id: four fields joined by colons, none of them personal; empty to leave it out.
    extra_headers: fields that people added. carrier_headers: what the mail service that carries
    the letter wants, the same for everybody. trace: a field of that service which leads back to
    one delivery, as its name and what stands before and after the mark (`headers.mark_of`).
    tracked: whether each recipient brings addresses for the links and the pixel.
    """

    from_name: str
    from_address: str
    subject: str
    html: str
    text: str
    list_id: str
    list_name: str = ""
    reply_to: str = ""
    preview_text: str = ""
    feedback_id: str = ""
    extra_headers: tuple[tuple[str, str], ...] = ()
    carrier_headers: tuple[tuple[str, str], ...] = ()
    trace: tuple[str, str, str] | None = None
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Everything that differs from one copy to the next.

    message_id: without brackets. date: aware. unsubscribe_mail: an address, where a mail to it
    unsubscribes as well; empty for none.
    links: tracked addresses in the order of `links.Links.urls`; pixel_url: empty for none.
    """

    address: str
    person: Person
    message_id: str
    unsubscribe_url: str
    date: datetime
    links: tuple[str, ...] = ()
    pixel_url: str = ""
    unsubscribe_mail: str = ""


def compose(
    document: Document,
    *,
    subject: str,
    preview_text: str,
    footer: Footer,
    from_name: str,
    from_address: str,
    list_id: str,
    reply_to: str = "",
    feedback_id: str = "",
    extra_headers: tuple[tuple[str, str], ...] = (),
    carrier_headers: tuple[tuple[str, str], ...] = (),
    trace: tuple[str, str, str] | None = None,
    tracked: bool = False,
) -> Letter:
    """The document rendered and addressed, ready for `compiled.compile_message`."""
    return Letter(
        from_name=from_name,
        from_address=from_address,
        subject=subject,
        html=render_html(document, preview_text=preview_text, footer=footer),
        text=render_text(document, footer=footer),
        list_id=list_id,
        list_name=shortened(footer.name),
        reply_to=reply_to,
        preview_text=preview_text,
        feedback_id=feedback_id,
        extra_headers=extra_headers,
        carrier_headers=carrier_headers,
        trace=trace,
        tracked=tracked,
    )
