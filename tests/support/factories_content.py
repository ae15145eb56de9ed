"""Letters and their readers, ready to be changed in one place by a test."""

from datetime import UTC, datetime
from typing import Any

from mailrith.content.document import Document, parse_document
from mailrith.content.footer import Footer
from mailrith.content.letter import Letter, Recipient, compose
from mailrith.content.merge import Person

FOOTER = Footer("The Allotment Post", "PO Box 418\nLondon E8 3QT\nUnited Kingdom")


def text_node(text: str, *marks: Any) -> dict[str, Any]:
    named = [{"type": mark} if isinstance(mark, str) else mark for mark in marks]
    return {"type": "text", "text": text, **({"marks": named} if named else {})}


def link_mark(href: str) -> dict[str, Any]:
    return {"type": "link", "attrs": {"href": href}}


def paragraph(*content: Any, **attrs: Any) -> dict[str, Any]:
    inner = [text_node(one) if isinstance(one, str) else one for one in content]
    return {"type": "paragraph", "content": inner, "attrs": attrs}


def doc(*content: Any, **attrs: Any) -> dict[str, Any]:
    return {"type": "doc", "content": list(content), "attrs": attrs}


def make_document(*content: Any) -> Document:
    hello = paragraph('Good morning [Subscriber_Name, fallback="friend"],')
    return parse_document(doc(*(content or (hello, paragraph("It rains.")))))


def make_letter(*content: Any, **changes: Any) -> Letter:
    values: dict[str, Any] = {
        "subject": "The hungry gap",
        "preview_text": "",
        "footer": FOOTER,
        "from_name": "Hannah at The Allotment Post",
        "from_address": "hannah@allotmentpost.example",
        "list_id": "weekly.allotmentpost.example",
    }
    return compose(make_document(*content), **(values | changes))


def make_recipient(name: str = "Amara Singh", **changes: Any) -> Recipient:
    address = changes.pop("address", "amara.singh@postbox.example")
    values: dict[str, Any] = {
        "address": address,
        "person": Person(name, address),
        "message_id": "b148.9f2c6e1d@allotmentpost.example",
        "unsubscribe_url": "https://post.allotmentpost.example/u/9f2c6e1d?k=1",
        "date": datetime(2026, 4, 24, 6, 2, 14, tzinfo=UTC),
    }
    return Recipient(**(values | changes))
