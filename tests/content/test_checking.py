import pytest

from mailrith.content.checking import Finding, check
from mailrith.content.document import EMPTY
from tests.support.factories_content import link_mark, make_document, paragraph, text_node

HREF = "https://a.example/"


def image(**attrs: str) -> dict:
    return {"type": "image", "attrs": {"src": "https://a.example/p.png", **attrs}}


def button(**attrs: str) -> dict:
    return {"type": "emailButton", "attrs": {"label": "Go", **attrs}}


def coloured(colour: str, **attrs: str) -> dict:
    return {"type": "textStyle", "attrs": {"color": colour, **attrs}}


def highlight(colour: str) -> dict:
    return {"type": "highlight", "attrs": {"color": colour}}


@pytest.mark.parametrize(
    ("content", "code", "tone", "words"),
    [
        (paragraph(text_node("here", link_mark(""))), "empty_link", "bad", "“here”"),
        (button(), "empty_link", "bad", "“Go”"),
        (paragraph("![x](rhubarb.png)"), "unmade_link", "warn", "“![x](rhubarb.png)”"),
        (paragraph("[x](javascript:alert)"), "unmade_link", "warn", "https://"),
        (image(), "missing_alt", "warn", "can't see it"),
        (image(src="", alt="x"), "empty_picture", "bad", "address"),
        (paragraph('Hi [First_Name, fallback="x"]'), "unknown_tag", "warn", "[First_Name"),
        (paragraph("Hi [Subscriber_Name]"), "missing_fallback", "warn", "empty for people"),
        (paragraph("Hi {{ name }}"), "braces", "warn", "“{{ name }}”"),
        (paragraph("x" * 110_000), "too_big", "warn", "unsubscribe"),
        (paragraph(text_node("pale", coloured("#cccccc"))), "faint_text", "warn", "“pale”"),
        (
            paragraph(text_node("pale", coloured("#888888"), highlight("#aaaaaa"))),
            "faint_text",
            "warn",
            "behind it",
        ),
        (
            button(href=HREF, textColor="#ffffff", backgroundColor="#eeeeee"),
            "faint_text",
            "warn",
            "“Go”",
        ),
        (paragraph(" "), "body_empty", "bad", "nothing to read"),
    ],
)
def test_what_needs_a_look_is_found(content: dict, code: str, tone: str, words: str) -> None:
    finding = _found(check(make_document(content), "Subject", "Preview"), code)

    assert finding.tone == tone
    assert words in finding.detail


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "subject_empty"),
        ("\r\n ", "subject_empty"),
        ("x" * 999, "subject_too_long"),
        ("a\u2028b", "subject_breaks"),
        ("=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?=", "subject_breaks"),
    ],
)
def test_subject_that_cannot_go_out_stops_the_sending(subject: str, code: str) -> None:
    findings = check(make_document(), subject, "Preview")

    assert findings[0] == _found(findings, code)
    assert findings[0].tone == "bad"


@pytest.mark.parametrize("place", ["subject", "preview_text", "button", "caption"])
def test_tags_are_looked_for_everywhere(place: str) -> None:
    tag = "[First_Name]"
    document = make_document(
        paragraph("x"),
        button(href=HREF, label=tag if place == "button" else "Go"),
        image(alt="x", caption=tag if place == "caption" else "x"),
    )

    findings = check(
        document,
        tag if place == "subject" else "Subject",
        tag if place == "preview_text" else "Preview",
    )

    assert _found(findings, "unknown_tag").count == 1


@pytest.mark.parametrize(
    "content",
    [
        paragraph(text_node("dark", coloured("#7a2e2e"))),
        paragraph(text_node("large", coloured("#888888", fontSize="30px"))),
        paragraph(text_node("on black", coloured("#ffffff"), highlight("#000000"))),
    ],
)
def test_colours_that_can_be_read_are_no_finding(content: dict) -> None:
    findings = check(make_document(content), "Subject", "Preview")

    assert "faint_text" not in [finding.code for finding in findings]


def test_many_of_a_kind_are_one_finding() -> None:
    broken = [paragraph(text_node(word, link_mark(""))) for word in ("a", "b", "c", "d", "e")]

    finding = _found(check(make_document(*broken), "Subject", "x"), "empty_link")

    assert finding.count == 5
    assert finding.title == "5 links lead nowhere"
    assert finding.detail == "Give an address to “a”, “b”, “c” and 2 more."


def test_letter_in_order_is_said_to_be() -> None:
    document = make_document(
        paragraph('Hi [Subscriber_Name, fallback="friend"]', text_node("here", link_mark(HREF))),
        image(alt="A cat"),
    )

    findings = check(document, "Subject", "Preview")

    assert {finding.tone for finding in findings} == {"ok"}
    assert [finding.code for finding in findings] == ["links", "pictures", "tags", "size"]


def test_empty_letter_has_every_reason_to_stop() -> None:
    findings = check(EMPTY, "", "")

    assert [finding.code for finding in findings if finding.tone == "bad"] == [
        "subject_empty",
        "body_empty",
    ]
    assert _found(findings, "preview_text_empty").tone == "warn"


def _found(findings: list[Finding], code: str) -> Finding:
    (finding,) = [one for one in findings if one.code == code]
    return finding
