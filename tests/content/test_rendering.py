import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.content import slots
from mailrith.content.characters import one_line
from mailrith.content.document import Document, parse_document
from mailrith.content.footer import Footer
from mailrith.content.inline import escape
from mailrith.content.merge import Person
from mailrith.content.preview import Preview, preview
from mailrith.content.rendering import render_html
from mailrith.content.slots import Slot
from mailrith.content.text import render_text
from tests.support.factories_content import (
    FOOTER,
    doc,
    link_mark,
    make_document,
    paragraph,
    text_node,
)

GOLDEN = Path(__file__).parent / "golden"


def golden_html() -> str:
    return _golden().html.replace("><", ">\n<") + "\n"


def golden_text() -> str:
    return _golden().text


def test_rich_letter_looks_as_it_did() -> None:
    assert golden_html() == (GOLDEN / "letter.html").read_text(encoding="utf-8")


def test_rich_letter_reads_as_it_did() -> None:
    assert golden_text() == (GOLDEN / "letter.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [[], [paragraph()], [{"type": "horizontalRule"}]])
def test_footer_ends_every_letter(content: list) -> None:
    document = parse_document(doc(*content))

    html, text = _render(document), render_text(document, footer=FOOTER)

    for part in (html, text):
        assert "The Allotment Post, PO Box 418, London E8 3QT, United Kingdom" in part
        assert Slot("unsubscribe") in slots.split(part)
    assert html.index("PO Box 418") > html.index("<body")


def test_footer_cannot_be_hidden_by_what_is_typed_in_it() -> None:
    footer = Footer("</td><!-- <script>", "<style>*{display:none}</style>\r\n--")

    html = render_html(make_document(), footer=footer)

    assert "<script>" not in html
    assert "<style>*{" not in html
    assert "<!-- " not in html


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=80)
def test_words_come_through_as_they_were_typed(words: str) -> None:
    words = re.sub(r"\[", "(", words)

    html = _render(make_document(paragraph(f"«{words}»")))

    assert f"«{escape(one_line(words))}»" in html


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=80)
def test_description_of_a_picture_stays_inside_its_attribute(alt: str) -> None:
    image = {"type": "image", "attrs": {"src": "https://a.example/p.png", "alt": alt}}

    html = _render(make_document(image))

    written = re.search(r'<img alt="([^"]*)"', html)
    assert written
    assert _unescaped(written.group(1)) == one_line(alt)
    assert "\\u{" not in html


@pytest.mark.parametrize(
    "payload",
    [
        "{{7*7}}",
        "{% for x in y %}",
        "${7*7}",
        "<script>alert(1)</script>",
        "</td></table>",
        "<mj-raw>",
    ],
)
def test_nothing_typed_is_run_or_becomes_markup(payload: str) -> None:
    html = _render(make_document(paragraph(payload)), preview_text=payload)

    assert escape(payload) in html
    assert payload == escape(payload) or payload not in html


def test_every_link_is_a_slot_and_each_address_has_one_number() -> None:
    gate = link_mark("https://a.example/gate")
    document = make_document(
        paragraph(text_node("one", gate), " ", text_node("two", "bold", gate)),
        {"type": "emailButton", "attrs": {"label": "Go", "href": "https://b.example/"}},
    )

    links = [one for one in slots.split(_render(document)) if getattr(one, "kind", "") == "link"]

    assert [(link.text, link.number) for link in links] == [
        ("https://a.example/gate", 0),
        ("https://a.example/gate", 0),
        ("https://b.example/", 1),
    ]


def test_letter_loads_nothing_from_other_hosts() -> None:
    html = _golden().html

    sources = re.findall(r'(?:src|url\(|@import|<link)\s*=?\s*"?([^" )]*)', html)
    assert set(sources) == {"https://allotmentpost.example/rhubarb.png"}


def test_non_ascii_address_goes_out_as_ascii() -> None:
    document = make_document(
        paragraph(text_node("x", link_mark("https://bücher.example/straße?q=ä&b=%20")))
    )

    (link,) = [one for one in slots.split(_render(document)) if getattr(one, "kind", "") == "link"]

    assert link.text == "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4&b=%20"


def test_text_lines_fit_an_old_screen() -> None:
    lines = _golden().text.split("\n")

    assert max(len(line) for line in lines if "https://" not in line) <= 72


@pytest.mark.parametrize("background", ["#101010", "#fafafa"])
def test_letter_on_its_own_ground_keeps_its_colours_in_the_dark(background: str) -> None:
    document = parse_document(doc(paragraph("x"), backgroundColor=background))

    html = _render(document)

    assert "prefers-color-scheme: dark" not in html
    ink = "#f0eeeb" if background == "#101010" else "#1c1915"
    assert f"color:{ink}" in html


def _golden() -> Preview:
    document = parse_document(json.loads((GOLDEN / "letter.json").read_text(encoding="utf-8")))
    return preview(
        document,
        person=Person("Amara", "amara.singh@postbox.example"),
        footer=FOOTER,
        subject="The hungry gap, and what to eat in it",
        preview_text="Three weeks with almost nothing in the ground. Almost.",
        unsubscribe_url="https://post.allotmentpost.example/u/9f2c6e1d",
    )


def _render(document: Document, preview_text: str = "") -> str:
    return render_html(document, footer=FOOTER, preview_text=preview_text)


def _unescaped(attribute: str) -> str:
    return re.sub("&#x([0-9A-F]+);", lambda match: chr(int(match.group(1), 16)), attribute)
