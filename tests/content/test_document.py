import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.content.document import EMPTY, BadDocument, Document, parse_document
from tests.content.test_rendering import GOLDEN
from tests.support.factories_content import doc, link_mark, paragraph, text_node

SECTION = {
    "type": "emailSection",
    "content": [{"type": "emailSectionColumn", "content": [{"type": "paragraph"}]}],
}


def image(**attrs: Any) -> dict[str, Any]:
    return {"type": "image", "attrs": attrs}


def in_column(*content: Any) -> dict[str, Any]:
    return {
        "type": "emailSection",
        "content": [{"type": "emailSectionColumn", "content": list(content)}],
    }


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        (doc({"type": "table"}), "content[0]", "“table” can't stand here"),
        (doc({"content": []}), "content[0]", "no type"),
        (doc(in_column(SECTION)), "content[0].content[0].content[0]", "“emailSection” can't stand"),
        (doc(text_node("x")), "content[0]", "“text” can't stand here"),
        (
            doc(paragraph("x", text_node("y", link_mark("javascript:alert(1)")))),
            "content[0].content[1].marks[0].attrs.href",
            "starts with http:, https:, mailto:",
        ),
        (
            doc(paragraph(text_node("y", "blink"))),
            "content[0].content[0].marks[0]",
            "“blink” can't stand here",
        ),
        (doc(image(src="data:image/png;base64,AA")), "content[0].attrs.src", "http:, https: and"),
        (doc(image(src="mailto:a@b.c")), "content[0].attrs.src", "http:, https: and"),
        (doc(image(alt="x")), "content[0].attrs.src", "missing"),
        (
            doc(image(src="https://a.b/c", onerror="x")),
            "content[0].attrs.onerror",
            "not known here",
        ),
        (doc({**paragraph(), "style": "x"}), "content[0].style", "not known here"),
        (doc(paragraph(), linkColor="red"), "attrs.linkColor", "#rrggbb"),
        (
            doc({"type": "heading", "attrs": {"level": 4}}),
            "content[0].attrs.level",
            "one of 1, 2 or 3",
        ),
        (
            doc({"type": "blockquote", "content": [{"type": "horizontalRule"}]}),
            "content[0].content[0].type",
            "paragraph",
        ),
        (
            doc(
                {
                    "type": "bulletList",
                    "content": [{"type": "listItem", "content": [image(src="")]}],
                }
            ),
            "content[0].content[0].content[0]",
            "can't stand here",
        ),
        (
            doc({**SECTION, "attrs": {"columns": 3}}),
            "content[0]",
            "says 3 columns and holds 1",
        ),
        (doc(paragraph(text_node("x", "bold", "bold"))), "content[0].content[0].marks", "twice"),
        ({"type": "paragraph"}, "type", "one of doc"),
    ],
)
def test_what_is_no_letter_is_refused_with_its_place(data: Any, path: str, words: str) -> None:
    with pytest.raises(BadDocument) as refusal:
        parse_document(data)

    assert refusal.value.problems[0].path == path
    assert words in refusal.value.problems[0].message
    assert path in refusal.value.message
    assert refusal.value.field == "body_document"


@pytest.mark.parametrize("data", [None, 5, [], "", "[", b"\xff", "[1]", {"a": {1, 2}}, "null"])
def test_what_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(BadDocument):
        parse_document(data)


@pytest.mark.parametrize("href", ["", "https://a.example/?x=[1]", "mailto:a@b.example?subject=x"])
def test_address_that_a_letter_may_have_is_kept(href: str) -> None:
    document = parse_document(doc(paragraph(text_node("x", link_mark(href)))))

    assert document.content[0].content[0].marks[0].attrs.href == href


@pytest.mark.parametrize(
    "href",
    [
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.example/x",
        "/relative",
        "https://",
        "https://a b.example/",
        'https://a.example/"onclick="x',
        "https://[::1",
        "mailto:nobody",
        "https://a.example/" + "x" * 3000,
        "https://a.example/\u2028x",
    ],
)
def test_address_that_could_do_harm_is_refused(href: str) -> None:
    with pytest.raises(BadDocument):
        parse_document(doc(paragraph(text_node("x", link_mark(href)))))


@pytest.mark.parametrize(
    ("levels", "accepted"), [(1, True), (8, True), (9, False), (20_000, False)]
)
@pytest.mark.parametrize("inside_section", [False, True])
def test_lists_nest_eight_levels_and_no_more(
    levels: int, accepted: bool, inside_section: bool
) -> None:
    nested: dict[str, Any] = paragraph()
    for _ in range(levels):
        item = {"type": "listItem", "content": [paragraph("x"), nested]}
        nested = {"type": "bulletList", "content": [item]}
    data = doc(in_column(nested) if inside_section else nested)

    if accepted:
        assert isinstance(parse_document(data), Document)
    else:
        with pytest.raises(BadDocument, match="nested too deeply"):
            parse_document(data)


def test_json_nested_beyond_all_measure_is_refused() -> None:
    with pytest.raises(BadDocument):
        parse_document("[" * 200_000)


def test_letter_bigger_than_half_a_megabyte_is_refused() -> None:
    with pytest.raises(BadDocument, match="too big"):
        parse_document(doc(paragraph("é" * 300_000)))


def test_text_is_cleaned_of_what_no_mail_can_carry() -> None:
    dirty = "a\x00b\x1b\ud800c\r\nd\u2028e\ufffef\U0010f000g\x85h"

    document = parse_document(doc(paragraph(dirty)))

    assert document.content[0].content[0].text == "abc d efg h"


def test_neighbouring_texts_with_the_same_marks_become_one() -> None:
    document = parse_document(
        doc(paragraph("[Subscriber_", 'Name, fallback="x"]', "", text_node("b", "bold")))
    )

    texts = [node.text for node in document.content[0].content]
    assert texts == ['[Subscriber_Name, fallback="x"]', "b"]


def test_marks_have_one_order() -> None:
    link = link_mark("https://a.example/")

    one = parse_document(doc(paragraph(text_node("x", "bold", "italic", link))))
    other = parse_document(doc(paragraph(text_node("x", link, "italic", "bold"))))

    assert one == other


def test_what_is_stored_is_read_as_the_same() -> None:
    document = parse_document((GOLDEN / "letter.json").read_bytes())

    again = parse_document(json.dumps(document.to_json()))

    assert again == document
    assert "null" not in json.dumps(document.to_json())


def test_empty_attributes_of_the_editor_are_taken_as_not_said() -> None:
    heard = {"type": "paragraph", "attrs": {"textAlign": None, "id": None}}

    assert parse_document(doc(heard)) == parse_document(doc({"type": "paragraph"}))


def test_empty_document_is_a_document() -> None:
    assert parse_document(EMPTY.to_json()) == EMPTY


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "attrs", "content", "marks", "text", "href", "src", "x"]),
            inner | st.sampled_from(["doc", "paragraph", "text", "image", "bulletList", "link"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
@settings(deadline=None, max_examples=200)
def test_no_data_whatever_breaks_the_reader(data: Any) -> None:
    try:
        document = parse_document(doc(data))
    except BadDocument as refusal:
        shown = refusal.problems
        assert all(problem.message for problem in shown)
    else:
        assert parse_document(document.to_json()) == document
