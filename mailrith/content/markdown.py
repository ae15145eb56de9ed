"""Markdown, the way people write a letter without an editor, as an e-mail document and back.

CommonMark without raw HTML, which stays on the page as it was typed, and without code. Two things
are meant for letters: a new line is a new line (a sign-off has two), and a paragraph that holds
nothing but a link with the title "button" is a button: `[Read on](https://example.com "button")`.
What is not allowed as an address is no link and stays as it was typed.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from mailrith.content import merge
from mailrith.content.characters import many_lines
from mailrith.content.document import LARGEST, BadDocument, Document, parse_document
from mailrith.content.lines import settled
from mailrith.content.nodes import HardBreak, Inline, Text
from mailrith.content.urls import PICTURE_SCHEMES, is_allowed
from mailrith.core.errors import Invalid

BUTTON = "button"

_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}
_LISTS = {"bullet_list": "bulletList", "ordered_list": "orderedList"}


def document_from_markdown(text: str) -> Document:
    """The document that this Markdown describes. Invalid when it is too big or nested too deeply."""
    if len(text) > LARGEST:
        raise Invalid(
            f"This letter is too long. {LARGEST:,} characters are the most.", field="body"
        )
    tree = SyntaxTreeNode(_parser().parse(many_lines(text)))
    try:
        return parse_document({"type": "doc", "content": list(_blocks(tree.children))})
    except BadDocument as error:
        raise Invalid(error.problems[0].message, field="markdown") from None


@cache
def _parser() -> MarkdownIt:
    # What is nested more deeply than this is left out in silence, so it is far beyond our own limit.
    parser = MarkdownIt("commonmark", {"maxNesting": 100})
    parser.enable("strikethrough")
    parser.disable(
        ["html_block", "html_inline", "code", "fence", "backticks", "reference", "lheading"]
    )
    parser.inline.ruler.before("escape", "merge_tag", _merge_tag)
    parser.validateLink = lambda url: not url or is_allowed(url)  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


def _merge_tag(state: StateInline, silent: bool) -> bool:
    """A merge tag is one piece: nothing inside of it is Markdown."""
    if state.src[state.pos] != "[" or not (match := merge.TAG.match(state.src, state.pos)):
        return False
    if not silent:
        state.pending += match.group()
    state.pos = match.end()
    return True


# ---- blocks --------------------------------------------------------------------------------


def _blocks(children: Sequence[SyntaxTreeNode]) -> Iterator[dict[str, Any]]:
    for child in children:
        match child.type:
            case "paragraph":
                yield from _paragraph(child.children[0])
            case "heading":
                if line := _line(child.children[0]):
                    level = min(int(child.tag[1]), 3)
                    yield {"type": "heading", "attrs": {"level": level}, "content": line}
            case "bullet_list" | "ordered_list":
                yield _list(child)
            case "blockquote":
                if paragraphs := list(_paragraphs(child.children)):
                    yield {"type": "blockquote", "content": paragraphs}
            case "hr":
                yield {"type": "horizontalRule"}


def _paragraph(inline: SyntaxTreeNode) -> Iterator[dict[str, Any]]:
    """A paragraph; or what it is instead: a button, pictures, or text with pictures between."""
    children = inline.children
    if len(children) == 1 and children[0].type == "link" and children[0].attrGet("title") == BUTTON:
        label = _plain(children[0])
        href = children[0].attrGet("href")
        yield {"type": "emailButton", "attrs": {"label": label, "href": href}}
        return
    run: list[SyntaxTreeNode] = []
    for child in children:
        picture = _picture(child)
        if picture is None:
            run.append(child)
            continue
        yield from _text_paragraph(run)
        yield picture
        run = []
    yield from _text_paragraph(run)


def _text_paragraph(run: list[SyntaxTreeNode]) -> Iterator[dict[str, Any]]:
    if line := _settled(_inline(run, ())):
        yield {"type": "paragraph", "content": line}


def _picture(node: SyntaxTreeNode) -> dict[str, Any] | None:
    """The picture, by itself or as the only thing in a link."""
    href = None
    if node.type == "link" and len(node.children) == 1:
        href, node = node.attrGet("href"), node.children[0]
    if node.type != "image":
        return None
    source = str(node.attrGet("src") or "")
    if source and not is_allowed(source, PICTURE_SCHEMES):
        return None
    attrs = {"src": source, "alt": _plain(node), "title": node.attrGet("title"), "href": href}
    said = {name: value for name, value in attrs.items() if value is not None}
    return {"type": "image", "attrs": said}


def _list(node: SyntaxTreeNode) -> dict[str, Any]:
    items = [{"type": "listItem", "content": _item(item)} for item in node.children]
    start = node.attrGet("start")
    attrs = {} if start is None else {"start": start}
    return {"type": _LISTS[node.type], "attrs": attrs, "content": items}


def _item(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    """An item holds paragraphs and lists; what else was written in it becomes paragraphs."""
    content: list[dict[str, Any]] = []
    for child in node.children:
        if child.type in _LISTS:
            content.append(_list(child))
        else:
            content.extend(_paragraphs([child]))
    if not content or content[0]["type"] != "paragraph":
        content.insert(0, {"type": "paragraph"})
    return content


def _paragraphs(children: Sequence[SyntaxTreeNode]) -> Iterator[dict[str, Any]]:
    """Only the paragraphs of these blocks, for where nothing else can stand."""
    for child in children:
        if child.type in ("paragraph", "heading"):
            yield from _text_paragraph(child.children[0].children)
        else:
            yield from _paragraphs(child.children)


# ---- inside a line -------------------------------------------------------------------------


def _line(inline: SyntaxTreeNode) -> list[dict[str, Any]]:
    return _settled(_inline(inline.children, ()))


def _settled(content: Iterator[Inline]) -> list[dict[str, Any]]:
    return [node.model_dump(mode="json", by_alias=True) for node in settled(tuple(content))]


def _inline(
    children: Sequence[SyntaxTreeNode], marks: tuple[dict[str, Any], ...]
) -> Iterator[Inline]:
    for child in children:
        match child.type:
            case "text":
                if child.content:
                    yield _text(child.content, marks)
            case "softbreak" | "hardbreak":
                yield HardBreak()
            case "image":  # in a heading, an item, a quote: nothing but words can stand there
                source = str(child.attrGet("src") or "")
                words = _plain(child) or source
                if words:
                    yield _text(words, (*marks, *_link_mark(source, marks)))
            case "link":
                href = str(child.attrGet("href") or "")
                yield from _inline(child.children, (*marks, *_link_mark(href, marks)))
            case "strong" | "em" | "s":
                mark = {"type": _MARKS[child.type]}
                inner = marks if mark in marks else (*marks, mark)
                yield from _inline(child.children, inner)


def _text(words: str, marks: tuple[dict[str, Any], ...]) -> Text:
    return Text.model_validate({"text": words, "marks": marks})


def _link_mark(href: str, marks: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """No link inside a link."""
    if any(mark["type"] == "link" for mark in marks):
        return ()
    return ({"type": "link", "attrs": {"href": href}},)


def _plain(node: SyntaxTreeNode) -> str:
    """The words of a label or of a picture's description."""
    pieces = []
    for child in node.walk(include_self=False):
        if child.type == "text":
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append(" ")
        elif child.type == "image" and child.children:
            pieces.append("")
    return re.sub(" {2,}", " ", "".join(pieces)).strip()
