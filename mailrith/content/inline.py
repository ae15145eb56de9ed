"""One line of text as HTML: words, marks, merge tags."""

from collections.abc import Sequence
from itertools import groupby

from mailrith.content import merge
from mailrith.content.links import Links
from mailrith.content.look import DARK, LIGHT, Look
from mailrith.content.nodes import (
    HardBreak,
    Highlight,
    Inline,
    Link,
    Mark,
    Text,
    TextStyle,
)

_TAGS = {"bold": "strong", "italic": "em", "underline": "u", "strike": "s"}
_PLAIN = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def words(text: str) -> str:
    """Text made fit to stand between tags, with its merge tags as slots."""
    return escape(merge.with_slots(text))


def escape(text: str) -> str:
    for letter, name in _PLAIN.items():
        text = text.replace(letter, name)
    return text


def attribute(text: str) -> str:
    """Text made fit to stand in quotes. The MJML renderer writes what it takes for unprintable the
    way a debugger would (an emoji with a joiner, a backslash), so only plain ASCII may meet it.
    """
    return "".join(
        letter if " " <= letter <= "~" and letter not in "&<>\"'\\`" else f"&#x{ord(letter):X};"
        for letter in text
    )


def line(content: Sequence[Inline], look: Look, links: Links) -> str:
    """The line, each link in one piece whatever marks change inside it."""
    pieces = []
    for link, nodes in groupby(content, key=_link):
        inner = "".join(_marked(node, look) for node in nodes)
        pieces.append(_anchor(link, inner, look, links) if link else inner)
    return "".join(pieces)


def _link(node: Inline) -> Link | None:
    return next((mark for mark in node.marks if isinstance(mark, Link)), None)


def _anchor(link: Link, inner: str, look: Look, links: Links) -> str:
    if not link.attrs.href:
        return inner
    style = f"color:{look.link};text-decoration:underline"
    if look.link_line:
        style += f";text-decoration-color:{look.link_line}"
    return f'<a href="{attribute(links.target(link.attrs.href))}" style="{style}">{inner}</a>'


def _marked(node: Inline, look: Look) -> str:
    if isinstance(node, HardBreak):
        return "<br />"
    html = words(node.text)
    for mark in reversed(node.marks):
        html = _wrapped(html, mark, look)
    return html


def _wrapped(html: str, mark: Mark, look: Look) -> str:
    if isinstance(mark, Link):
        return html
    if isinstance(mark, TextStyle):
        colour, size = mark.attrs.color, mark.attrs.font_size
        style = ";".join(filter(None, (colour and f"color:{colour}", size and f"font-size:{size}")))
        # A dark colour was chosen for a light page; on a dark screen the text is as the rest.
        name = ' class="own"' if colour and look.on(colour).ink == DARK.ink else ""
        return f'<span{name} style="{style}">{html}</span>' if style else html
    if isinstance(mark, Highlight):
        ground = mark.attrs.color or "#fff1b8"
        ink = look.on(ground).ink
        name = ' class="mark"' if ink == LIGHT.ink else ""
        return f'<span{name} style="background-color:{ground};color:{ink}">{html}</span>'
    tag = _TAGS[mark.type]
    return f"<{tag}>{html}</{tag}>"


def plain(content: Sequence[Inline]) -> str:
    """The words alone, merge tags as they were typed, breaks as line feeds."""
    return "".join(node.text if isinstance(node, Text) else "\n" for node in content)
