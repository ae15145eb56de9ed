"""A document as Markdown: plain where plain says it, with escapes only where it would not.

Each paragraph is written in the most readable way first and read again; only if that does not give
the same paragraph is a more careful way tried. Sections, colours, sizes and underlines have no sign in
Markdown: their words stay, their looks are lost, and `says_all` tells.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mailrith.content import merge
from mailrith.content.document import Document, EmailSection
from mailrith.content.lines import settled
from mailrith.content.markdown import BUTTON, document_from_markdown
from mailrith.content.nodes import (
    Blockquote,
    BulletList,
    EmailButton,
    HardBreak,
    Heading,
    HorizontalRule,
    Image,
    Inline,
    ListItem,
    OrderedList,
    Paragraph,
    Text,
)

_HIGHEST_NUMBER = 999_999_999  # CommonMark takes nine digits for the number of an item
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_NEEDED = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)|\*|(?<![^\W_])_|_(?![^\W_])|~~|<(?=[\w/])|&(?=#?\w+;)"
)
_LINE_START = re.compile(
    r"^(?=#{1,6}(?: |$)|[-+](?: |$)|>|-[- ]*-[- ]*-)|^(\d{1,9})(?=[.)](?: |$))"
)


@dataclass(frozen=True)
class _Way:
    """bold: its sign. careful: every mark of punctuation is escaped. numbers: letters beside a
    sign are written by number, so that the sign counts even inside a word.
    """

    bold: str = "**"
    careful: bool = False
    numbers: bool = False


_WAYS = (_Way(), _Way(bold="__"), _Way(careful=True), _Way("__", careful=True, numbers=True))


def markdown_from_document(document: Document) -> str:
    """Markdown that `document_from_markdown` reads as the same document, as far as it can say it."""
    text = "\n\n".join(_blocks(document.content))
    return f"{text}\n" if text else ""


def says_all(document: Document) -> bool:
    """Whether the Markdown of this document says everything that is in it."""
    return document_from_markdown(markdown_from_document(document)) == document


def _blocks(content: Sequence[Any]) -> Iterator[str]:
    before: tuple[str, str] | None = None
    for block in content:
        if isinstance(block, EmailSection):
            for column in block.content:
                yield from _blocks(column.content)
            before = None
        elif isinstance(block, BulletList | OrderedList):
            # Two lists in a row need two signs, or they are read as one.
            sign = _other(before, block)
            before = (block.type, sign)
            yield _list(block, sign)
        else:
            before = None
            if text := _block(block):
                yield text


def _other(before: tuple[str, str] | None, block: BulletList | OrderedList) -> str:
    signs = ("-", "*") if isinstance(block, BulletList) else (".", ")")
    if before is not None and before[0] == block.type:
        return signs[before[1] == signs[0]]
    return signs[0]


def _block(block: Any) -> str:
    match block:
        case Paragraph() | Heading():
            return _read_back(block)
        case Blockquote():
            inner = "\n\n".join(filter(None, map(_block, block.content)))
            return "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) if inner else ""
        case EmailButton():
            return f'{_label(block.attrs.label)}({_target(block.attrs.href)} "{BUTTON}")'
        case Image():
            return _image(block)
        case HorizontalRule():
            return "---"
    raise AssertionError(block)


def _image(block: Image) -> str:
    attrs = block.attrs
    title = f' "{_PUNCTUATION.sub(_escaped, attrs.title)}"' if attrs.title is not None else ""
    picture = f"!{_label(attrs.alt)}({_target(attrs.src)}{title})"
    return f"[{picture}]({_target(attrs.href)})" if attrs.href is not None else picture


def _label(text: str) -> str:
    pieces = (
        piece if merge.TAG.fullmatch(piece) else re.sub(r"([\\\[\]*_~<&!])", r"\\\1", piece)
        for piece in _tags_apart(text)
    )
    return f"[{''.join(pieces)}]"


def _target(url: str) -> str:
    if not url:
        return "<>"
    url = re.sub(r"\\|&(?=#?\w+;)", r"\\\g<0>", url)
    return f"<{url}>" if re.search(r"[()]", url) else url


def _list(block: BulletList | OrderedList, sign: str) -> str:
    first = 1
    if isinstance(block, OrderedList) and block.attrs.start is not None:
        first = block.attrs.start
    items = []
    for place, item in enumerate(block.content):
        mark = sign
        if isinstance(block, OrderedList):
            mark = f"{min(first + place, _HIGHEST_NUMBER)}{sign}"
        items.append(_item(item, f"{mark} "))
    return "\n".join(items)


def _item(item: ListItem, mark: str) -> str:
    """The first block stands beside the mark; an item without words has its list on the next line,
    where three marks in a row are not taken for a rule.
    """
    blocks = [one for one in item.content if not isinstance(one, Paragraph) or _has_words(one)]
    text = "" if _has_words(item.content[0]) else "\n"
    for place, (block, inner) in enumerate(zip(blocks, _blocks(blocks), strict=True)):
        if place:
            text += "\n" if _follows_closely(block) else "\n\n"
        text += inner
    first, *rest = text.split("\n")
    indent = " " * len(mark)
    return "\n".join([f"{mark}{first}".rstrip(), *(f"{indent}{line}".rstrip() for line in rest)])


def _follows_closely(block: Any) -> bool:
    """Whether it is read as a list although the line above is a paragraph's."""
    if isinstance(block, OrderedList) and block.attrs.start not in (None, 1):
        return False
    return isinstance(block, BulletList | OrderedList) and _has_words(block.content[0].content[0])


def _has_words(node: Any) -> bool:
    return isinstance(node, Paragraph) and bool(settled(node.content))


# ---- inside a line -------------------------------------------------------------------------


def _read_back(block: Paragraph | Heading) -> str:
    content = settled(block.content)
    if not content:
        return ""
    meant: tuple[Inline, ...] = content
    sign = ""
    if isinstance(block, Heading):
        sign = "#" * block.attrs.level + " "
        meant = settled(
            tuple(Text(text=" ") if isinstance(one, HardBreak) else one for one in content)
        )
    text = ""
    for way in _WAYS:
        text = sign + _line(meant, way, at_start=not sign)
        read = document_from_markdown(text).content
        if [(one.type, getattr(one, "content", ())) for one in read] == [(block.type, meant)]:
            break
    return text


def _line(content: Sequence[Inline], way: _Way, *, at_start: bool) -> str:
    text = _nested(content, ("link", "bold", "italic", "strike"), way)
    lines = text.split("\n")
    if at_start:
        lines = [_LINE_START.sub(_start_escaped, line) for line in lines]
    return "\n".join(lines)


def _start_escaped(match: re.Match[str]) -> str:
    return f"{match.group(1)}\\" if match.group(1) else "\\"


def _nested(content: Sequence[Inline], kinds: tuple[str, ...], way: _Way) -> str:
    if not kinds:
        return "".join(_words(node, place, content, way) for place, node in enumerate(content))
    kind, *inner_kinds = kinds
    pieces = []
    for mark, run in groupby(content, key=lambda node: _mark(node, kind)):
        inner = _nested(tuple(run), tuple(inner_kinds), way)
        pieces.append(_signed(mark, inner, way) if mark else inner)
    return "".join(pieces)


def _mark(node: Inline, kind: str) -> Any:
    return next((mark for mark in node.marks if mark.type == kind), None)


def _signed(mark: Any, inner: str, way: _Way) -> str:
    if mark.type == "link":
        return f"[{inner}]({_target(mark.attrs.href)})"
    sign = {"bold": way.bold, "italic": "*", "strike": "~~"}[mark.type]
    return f"{sign}{inner}{sign}"


def _words(node: Inline, place: int, content: Sequence[Inline], way: _Way) -> str:
    if isinstance(node, HardBreak):
        beside = (place > 0 and content[place - 1], content[place + 1 : place + 2])
        plain = isinstance(beside[0], Text) and all(isinstance(one, Text) for one in beside[1])
        return "\n" if plain else "\\\n"
    pieces = _tags_apart(node.text)
    if way.numbers:
        pieces = list(_ends_apart(pieces))
    return "".join(_escape(piece, way) for piece in pieces)


def _tags_apart(text: str) -> list[str]:
    pieces, end = [], 0
    for match in merge.TAG.finditer(text):
        pieces += [text[end : match.start()], match.group()]
        end = match.end()
    return [piece for piece in [*pieces, text[end:]] if piece]


def _ends_apart(pieces: list[str]) -> Iterator[str]:
    for piece in pieces:
        if merge.TAG.fullmatch(piece):
            yield piece
        elif len(piece) == 1:
            yield f"&#{ord(piece)};"
        else:
            yield f"&#{ord(piece[0])};"
            yield piece[1:-1]
            yield f"&#{ord(piece[-1])};"


def _escape(piece: str, way: _Way) -> str:
    if merge.TAG.fullmatch(piece) or (way.numbers and re.fullmatch(r"&#\d+;", piece)):
        return piece
    if way.careful:
        return _PUNCTUATION.sub(_escaped, piece)
    return _NEEDED.sub(r"\\\g<0>", piece)


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match.group()}"
