"""The document as plain text: what people read who want no HTML, and what spam filters compare."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mailrith.content import merge, slots
from mailrith.content.document import Document, EmailSection
from mailrith.content.footer import Footer
from mailrith.content.links import Links
from mailrith.content.nodes import (
    Blockquote,
    BulletList,
    EmailButton,
    HardBreak,
    Heading,
    HorizontalRule,
    Image,
    Inline,
    Link,
    ListItem,
    OrderedList,
    Paragraph,
)
from mailrith.content.slots import UNSUBSCRIBE

COLUMNS = 72
"""Characters of a line, before anybody's reply puts a > in front of it (RFC 3676, 4.1)."""

_RULE = "-" * 32


def render_text(document: Document, *, footer: Footer) -> str:
    """The letter with slots in it (see `slots`), lines ended by a line feed. The footer stands at
    its end, as in the HTML.
    """
    writer = _Writer(Links(document))
    parts = [*writer.blocks(document.content, COLUMNS), writer.notes(), _footer(footer)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _footer(footer: Footer) -> str:
    sender = ", ".join(filter(None, (footer.name, footer.address)))
    lines = [_RULE, *wrap(footer.reason), f"Unsubscribe: {UNSUBSCRIBE}", *wrap(sender)]
    return "\n".join(lines)


class _Writer:
    def __init__(self, links: Links) -> None:
        self._links = links
        self._notes: dict[str, int] = {}

    def blocks(self, content: Sequence[Any], columns: int) -> Iterator[str]:
        """One string for each block, of several lines, each at most `columns` wide if words allow."""
        for block in content:
            if isinstance(block, EmailSection):
                for one in block.content:
                    yield from self.blocks(one.content, columns)
            else:
                yield "\n".join(self._block(block, columns))

    def notes(self) -> str:
        lines = (f"[{number}] {self._links.target(href)}" for href, number in self._notes.items())
        return "\n".join(lines)

    def _block(self, block: Any, columns: int) -> list[str]:
        match block:
            case Paragraph():
                return wrap(self._line(block.content), columns)
            case Heading():
                return wrap(_upper(self._line(block.content)), columns)
            case Blockquote():
                inner = "\n\n".join(self.blocks(block.content, columns - 2)).split("\n")
                return [f"> {line}".rstrip() for line in inner]
            case BulletList() | OrderedList():
                return self._list(block, columns)
            case EmailButton():
                return self._button(block)
            case Image():
                return self._image(block, columns)
            case HorizontalRule():
                return [_RULE]
        raise AssertionError(block)

    def _list(self, block: BulletList | OrderedList, columns: int) -> list[str]:
        lines: list[str] = []
        first = (block.attrs.start or 1) if isinstance(block, OrderedList) else None
        for number, item in enumerate(block.content):
            mark = "* " if first is None else f"{first + number}. "
            lines += self._item(item, mark, columns - len(mark))
        return lines

    def _item(self, item: ListItem, mark: str, columns: int) -> list[str]:
        inner = "\n".join(self.blocks(item.content, columns)).split("\n")
        indent = " " * len(mark)
        return [f"{indent if number else mark}{line}".rstrip() for number, line in enumerate(inner)]

    def _button(self, block: EmailButton) -> list[str]:
        label, href = merge.with_slots(block.attrs.label), block.attrs.href
        return [f"{label}:", self._links.target(href)] if href else [label]

    def _image(self, block: Image, columns: int) -> list[str]:
        attrs = block.attrs
        lines = wrap(f"[Picture: {attrs.alt}]", columns) if attrs.alt else []
        if attrs.caption:
            lines += wrap(merge.with_slots(attrs.caption), columns)
        if attrs.href:
            lines.append(self._links.target(attrs.href))
        return lines

    def _line(self, content: Sequence[Inline]) -> str:
        pieces = []
        for number, node in enumerate(content):
            if isinstance(node, HardBreak):
                pieces.append("\n")
                continue
            href = _href(node)
            pieces.append(merge.with_slots(node.text))
            follows = content[number + 1] if number + 1 < len(content) else None
            if href and _href(follows) != href and node.text != href:
                pieces.append(f" [{self._notes.setdefault(href, len(self._notes) + 1)}]")
        return "".join(pieces)


def _href(node: Inline | None) -> str | None:
    if node is None:
        return None
    return next((mark.attrs.href for mark in node.marks if isinstance(mark, Link)), None)


def _upper(text: str) -> str:
    """Capitals for the writer's words; a slot is left as it is, or it would be one no more."""
    pieces = slots.split(text)
    return "".join(piece.upper() if isinstance(piece, str) else str(piece) for piece in pieces)


def wrap(text: str, columns: int = COLUMNS) -> list[str]:
    """The text in lines. A word longer than a line is left whole: it is an address, mostly."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line: list[str] = []
        length = 0
        for word in re.split(" +", paragraph.strip(" ")):
            width = _width(word)
            if line and length + 1 + width > columns:
                lines.append(" ".join(line))
                line, length = [], 0
            length += width + (1 if line else 0)
            line.append(word)
        lines.append(" ".join(line))
    return lines


def _width(word: str) -> int:
    """Columns of a word. What will stand in a slot is not known yet; most names and addresses fit."""
    if word.isascii():
        return len(word)
    guesses = {"name": 8, "email": 28}
    pieces = slots.split(word)
    return sum(len(one) if isinstance(one, str) else guesses.get(one.kind, 60) for one in pieces)
