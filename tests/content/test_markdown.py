import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailrith.content.document import EMPTY, Document, parse_document
from mailrith.content.markdown import document_from_markdown
from mailrith.content.markdown_writing import markdown_from_document, says_all
from mailrith.core.errors import Invalid
from tests.support.factories_content import doc, link_mark, paragraph, text_node

PIECES = st.sampled_from(
    [
        "word", "two words", " ", "  ", "\n", "\n\n", "*", "**", "***", "_", "__", "~~", "`", "\\", "[", "]", "(", ")",
        "](https://a.example/)", '](https://a.example/x "button")', "![", "!", "#", "# ", "## ", "- ", "* ", "+ ", "1. ",
        "2) ", "> ", "---", "***\n", "&amp;", "&#32;", "&nbsp;", "&", "<b>", "<https://a.example/b_c>", "<", ">", "é",
        '[Subscriber_Name, fallback="fr*end"]', "[Other_Tag]", "    ", "\t", "  - ", "1", ".", "{{ x }}", "a_b", "🙂", "=",
        "![alt](https://a.example/p.png)", "[![alt](https://a.example/p.png)](https://a.example/)", "\\\n", "\u00a0",
        "|", "javascript:alert(1)", "\x00", ":", "'", '"', "~", "\u2028",
    ]
)  # fmt: skip

markdown_texts = st.lists(PIECES, max_size=14).map("".join)


@given(markdown_texts)
@settings(deadline=None, max_examples=200)
@example("**a *b***c")
@example("*a***b**")
@example("[a](<https://a.example/(x)>)")
@example("- a\n\n* b\n  1. c\n\n     d")
@example("a\\\n\\\nb")
@example("**a**b")
def test_what_was_read_is_written_and_read_as_the_same(text: str) -> None:
    document = document_from_markdown(text)

    again = document_from_markdown(markdown_from_document(document))

    assert again == document


words = st.text(st.sampled_from("ab é*_~[]()!#-+>1.\\`<&;\"'{|}\u00a0👩"), min_size=1, max_size=8)
marks = st.sets(st.sampled_from(["bold", "italic", "strike"])).map(sorted)
links = st.sampled_from([None, "https://a.example/", "https://a.example/(b)?c=1&d=\\e", ""])


@st.composite
def texts(draw: st.DrawFn) -> dict:
    href = draw(links)
    return text_node(draw(words), *draw(marks), *([] if href is None else [link_mark(href)]))


lines = st.lists(texts() | st.just({"type": "hardBreak"}), min_size=1, max_size=5)


@given(lines)
@settings(deadline=None, max_examples=200)
def test_every_mix_of_marks_can_be_written(line: list) -> None:
    document = parse_document(doc(paragraph(*line)))

    once = document_from_markdown(markdown_from_document(document))

    assert _letters(once) == _letters(document)
    assert document_from_markdown(markdown_from_document(once)) == once
    assert _marks(once) == _marks(document)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("# One", {"type": "heading", "attrs": {"level": 1}}),
        ("##### Five", {"type": "heading", "attrs": {"level": 3}}),
        ("---", {"type": "horizontalRule"}),
        (
            '[Read on](https://a.example/ "button")',
            {"type": "emailButton", "attrs": {"label": "Read on", "href": "https://a.example/"}},
        ),
        (
            "![A cat](https://a.example/c.png)",
            {"type": "image", "attrs": {"src": "https://a.example/c.png", "alt": "A cat"}},
        ),
        (
            "[![A cat](https://a.example/c.png)](https://b.example/)",
            {
                "type": "image",
                "attrs": {
                    "src": "https://a.example/c.png",
                    "alt": "A cat",
                    "href": "https://b.example/",
                },
            },
        ),
    ],
)
def test_markdown_becomes_a_node(text: str, first: dict) -> None:
    node = document_from_markdown(text).to_json()["content"][0]

    assert {name: node[name] for name in first} == first
    assert markdown_from_document(document_from_markdown(text)).count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "[click](data:text/html,x)",
        "![x](rhubarb.png)",
        "`code`",
        "{{ name }}",
        "<!-- note -->",
    ],
)
def test_what_is_not_allowed_stays_as_it_was_typed(text: str) -> None:
    document = document_from_markdown(text)

    assert document == parse_document(doc(paragraph(text)))
    assert document_from_markdown(markdown_from_document(document)) == document


def test_letter_is_written_the_way_people_write() -> None:
    assert markdown_from_document(document_from_markdown(LETTER)) == LETTER


def test_new_line_is_a_new_line() -> None:
    document = document_from_markdown("Until Tuesday,\nHannah")

    assert document == parse_document(
        doc(paragraph("Until Tuesday,", {"type": "hardBreak"}, "Hannah"))
    )


def test_merge_tag_is_never_taken_for_markdown() -> None:
    text = '*Hi [Subscriber_Name, fallback="*you*"]*, look: [Subscriber_Name](https://a.example/)'

    line = document_from_markdown(text).to_json()["content"][0]["content"]

    assert line[0]["text"] == 'Hi [Subscriber_Name, fallback="*you*"]'
    assert "[Subscriber_Name](https://a.example/)" in line[1]["text"]


def test_picture_inside_a_sentence_stands_between_two_paragraphs() -> None:
    document = document_from_markdown("Before ![x](https://a.example/x.png) after")

    assert [node.type for node in document.content] == ["paragraph", "image", "paragraph"]


def test_empty_text_is_the_empty_document() -> None:
    assert document_from_markdown(" \n\n\t") == EMPTY
    assert markdown_from_document(EMPTY) == ""


def test_lists_nested_too_deeply_are_refused() -> None:
    with pytest.raises(Invalid, match="nested too deeply") as refusal:
        document_from_markdown("".join(f"{'  ' * level}- x\n" for level in range(9)))

    assert refusal.value.field == "markdown"


def test_words_inside_many_quotes_are_kept() -> None:
    assert "deep down" in markdown_from_document(document_from_markdown("> " * 30 + "deep down"))


def test_endless_text_is_refused() -> None:
    with pytest.raises(Invalid, match="too long"):
        document_from_markdown("x" * 600_000)


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "*a _b " * 8_000, "> " * 5_000 + "x", "- " * 5_000, "![" * 9_000]
)
@pytest.mark.timeout(20)
def test_text_made_to_hurt_is_read_in_time(text: str) -> None:
    with contextlib.suppress(Invalid):  # lists nested too deeply
        document_from_markdown(text)


def test_underline_is_lost_and_said_to_be() -> None:
    underlined = parse_document(doc(paragraph(text_node("x", "underline"))))
    bold = parse_document(doc(paragraph(text_node("x", "bold"))))

    assert not says_all(underlined)
    assert says_all(bold)


LETTER = """\
Good morning [Subscriber_Name, fallback="friend"],

There are three weeks in the year. Growers call it *the hungry gap*, and it opened at 4 (or so).

> This used to be the season people feared.

## What is actually ready

- **Purple sprouting broccoli**, the last of it.
- **Wild garlic**, on [the north bank](https://allotmentpost.example/gate). Take one leaf in five.
  1. First
  2. Second, snake_case & 5 < 6

![Four stalks of rhubarb](https://allotmentpost.example/rhubarb.png)

[See what to sow](https://allotmentpost.example/sow "button")

---

Until Tuesday,
Hannah
"""


def _letters(document: Document) -> str:
    text = "".join(
        getattr(node, "text", " ") for block in document.content for node in block.content
    )
    return "".join(text.split())


def _marks(document: Document) -> list:
    """The marks of each letter, blanks left out: they carry none that can be seen."""
    return [
        (letter, node.marks)
        for block in document.content
        for node in block.content
        for letter in getattr(node, "text", "")
        if letter.strip()
    ]
