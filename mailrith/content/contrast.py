"""Colours that a writer chose and that readers may not be able to tell apart."""

from collections.abc import Iterator
from typing import Any

from mailrith.content.document import Document, EmailSection
from mailrith.content.look import LIGHT, SHEET
from mailrith.content.nodes import EmailButton, Highlight, Text, TextStyle

ENOUGH, ENOUGH_WHEN_LARGE = 4.5, 3.0
"""Ratios of WCAG 2.2, 1.4.3. Text is large from 24 px."""

LARGE = 24


def faint(document: Document) -> Iterator[str]:
    """The words that stand out too little from what is behind them, in reading order."""
    ground = document.attrs.background_color or SHEET
    for top in document.content:
        if isinstance(top, EmailSection):
            behind = top.attrs.background_color or ground
            for column in top.content:
                yield from _faint(column, column.attrs.background_color or behind)
        else:
            yield from _faint(top, ground)


def _faint(node: Any, ground: str) -> Iterator[str]:
    if isinstance(node, EmailButton):
        label = node.attrs.text_color or LIGHT.on_button
        if ratio(label, node.attrs.background_color or LIGHT.button) < ENOUGH:
            yield node.attrs.label
    elif isinstance(node, Text):
        colour, behind, size = _painted(node, ground)
        if colour and ratio(colour, behind) < (ENOUGH_WHEN_LARGE if size >= LARGE else ENOUGH):
            yield node.text
    for child in getattr(node, "content", ()):
        yield from _faint(child, ground)


def _painted(node: Text, ground: str) -> tuple[str | None, str, int]:
    """The colour chosen for this text, what is behind it, and its size in pixels."""
    colour, size = None, 0
    for mark in node.marks:
        if isinstance(mark, TextStyle):
            colour = mark.attrs.color
            size = int((mark.attrs.font_size or "0px").removesuffix("px"))
        elif isinstance(mark, Highlight) and mark.attrs.color:
            ground = mark.attrs.color
    return colour, ground, size


def ratio(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
