"""Any document that is accepted can be rendered, compiled, counted, checked and written as Markdown."""

from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailrith.content import slots
from mailrith.content.checking import check
from mailrith.content.compiled import compile_message
from mailrith.content.document import Document, parse_document
from mailrith.content.inline import words
from mailrith.content.links import nodes
from mailrith.content.markdown import document_from_markdown
from mailrith.content.markdown_writing import markdown_from_document
from mailrith.content.merge import Person
from mailrith.content.nodes import Text
from mailrith.content.preview import preview
from mailrith.content.rendering import render_html
from tests.support.factories_content import FOOTER, make_letter, make_recipient

text = st.text(max_size=12) | st.sampled_from(
    ["<b>", "&amp;", "]]>", "<!--", "-->", "{{x}}", "</mj-text>", '[Subscriber_Name, fallback="<x>"]', "\\", '"', "👩‍🌾"]
)  # fmt: skip
colour = st.sampled_from(["#ffffff", "#101010", "#C0FFEE"])
url = st.sampled_from(
    ["", "https://a.example/?a=1&b='x'", "mailto:a@b.example", "http://b.example/é\\", "https://c.example/(x)`"]
)  # fmt: skip
picture = st.sampled_from(["", "https://a.example/p.png?a=1&b=2", "http://b.example/é.png"])


def attrs(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=values)


def node(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **parts})


def some(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=most)


marks = some(
    st.one_of(
        *(node(kind) for kind in ("bold", "italic", "strike", "underline")),
        node("link", attrs=st.fixed_dictionaries({"href": url})),
        node(
            "textStyle",
            attrs=attrs(color=colour, fontSize=st.sampled_from(["8px", "17px", "96px"])),
        ),
        node("highlight", attrs=attrs(color=colour)),
    ),
).map(lambda several: list({mark["type"]: mark for mark in several}.values()))
line = some(node("text", text=text, marks=marks) | node("hardBreak"))
align = st.sampled_from(["left", "center", "right", "justify", None])
paragraph = node("paragraph", attrs=attrs(textAlign=align), content=line)
heading = node(
    "heading",
    attrs=st.fixed_dictionaries(
        {"level": st.sampled_from([1, 2, 3])}, optional={"textAlign": align}
    ),
    content=line,
)


def item(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    first = st.tuples(paragraph, some(inner, most=2))
    return node("listItem", content=first.map(lambda parts: [parts[0], *parts[1]]))


def any_list(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = some(item(inner), least=1, most=2)
    return node("bulletList", content=items) | node(
        "orderedList", attrs=attrs(start=st.sampled_from([0, 1, 7, 999_999_999])), content=items
    )


lists = any_list(st.recursive(paragraph, any_list, max_leaves=3))
button = node(
    "emailButton",
    attrs=attrs(
        label=text,
        href=url,
        backgroundColor=colour,
        textColor=colour,
        size=st.sampled_from(["small", "medium", "large"]),
        align=st.sampled_from(["left", "center", "right"]),
    ),
)
image = node(
    "image",
    attrs=st.fixed_dictionaries(
        {"src": picture},
        optional={
            "alt": text,
            "title": text,
            "caption": text,
            "href": url,
            "widthPercent": st.floats(1, 100),
            "crop": st.sampled_from(["none", "square", "circle"]),
            "unsplash": st.just(
                {"photographerName": "A & B", "photographerUrl": "https://u.example/@a"}
            ),
        },
    ),
)
quote = node("blockquote", content=some(paragraph, least=1))
block = st.one_of(paragraph, heading, lists, button, image, quote, node("horizontalRule"))
space = st.sampled_from(["none", "normal", "large"])
section = node(
    "emailSection",
    attrs=attrs(
        width=st.sampled_from(["default", "large", "full", "fit"]),
        backgroundColor=colour,
        backgroundImageUrl=picture,
        linkColor=colour,
        margin=space,
        padding=space,
        borderColor=colour,
        borderWidth=space,
        borderRadius=st.sampled_from(["none", "small", "normal", "large", "full"]),
        verticalAlign=st.sampled_from(["top", "middle", "bottom"]),
    ),
    content=some(
        node(
            "emailSectionColumn", attrs=attrs(backgroundColor=colour), content=some(block, least=1)
        ),
        least=1,
    ),
)
documents = node(
    "doc",
    attrs=attrs(backgroundColor=colour, linkColor=colour, blockquoteBorderColor=colour),
    content=some(block | section, most=4),
).map(parse_document)


@given(documents)
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_becomes_a_whole_page_with_all_its_words(document: Document) -> None:
    html = render_html(document, footer=FOOTER)

    reader = _Reader()
    reader.feed(html)
    assert reader.open == []
    for one in nodes(document):
        if isinstance(one, Text):
            assert words(one.text) in html


@given(documents)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_can_be_sent_shown_and_checked(document: Document) -> None:
    letter = make_letter(*document.to_json().get("content", []))

    built = compile_message(letter).build(make_recipient())
    shown = preview(document, person=Person("A", "a@b.example"), footer=FOOTER)

    assert built.endswith(b"--\r\n")
    assert not [
        piece for piece in slots.split(shown.html + shown.text) if not isinstance(piece, str)
    ]
    assert check(document, "Subject", "Preview")


@given(documents)
@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_markdown_of_any_document_settles(document: Document) -> None:
    once = document_from_markdown(markdown_from_document(document))

    assert document_from_markdown(markdown_from_document(once)) == once


class _Reader(HTMLParser):
    """Which tags are still open; those that HTML lets stand alone are not counted."""

    ALONE = frozenset(["meta", "img", "br", "hr", "link"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag
