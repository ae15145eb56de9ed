from email import message_from_bytes, policy

from mailrith.content import preview as previews
from mailrith.content.merge import Person
from mailrith.content.preview import count, preview
from tests.support.factories_content import (
    FOOTER,
    link_mark,
    make_document,
    make_letter,
    make_recipient,
    paragraph,
    text_node,
)

AMARA = Person("Amara", "amara@postbox.example")


def test_preview_is_filled_for_the_person() -> None:
    shown = preview(
        make_document(),
        person=AMARA,
        footer=FOOTER,
        subject='For [Subscriber_Name, fallback="you"]',
        preview_text='[Subscriber_Name, fallback="You"] & I',
    )

    assert shown.subject == "For Amara"
    assert shown.preview_text == "Amara & I"
    assert "Good morning Amara," in shown.html
    assert "Amara &amp; I" in shown.html
    assert "Good morning Amara," in shown.text


def test_name_of_markup_is_shown_as_words() -> None:
    person = Person('<img src=x onerror="alert(1)">', "x@y.example")

    shown = preview(make_document(), person=person, footer=FOOTER)

    assert "<img" not in shown.html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in shown.html


def test_unsubscribe_link_of_a_preview_leads_where_it_is_told() -> None:
    shown = preview(
        make_document(), person=AMARA, footer=FOOTER, unsubscribe_url="https://m.example/inert"
    )

    assert 'href="https://m.example/inert"' in shown.html
    assert "Unsubscribe: https://m.example/inert" in shown.text


def test_test_message_unsubscribes_nobody() -> None:
    recipient = make_recipient()

    built = previews.test_message(
        make_letter(carrier_headers=(("X-PM-TrackOpens", "false"),)),
        address="hannah@allotmentpost.example",
        person=AMARA,
        message_id="test.1@allotmentpost.example",
        inert_url="https://m.example/inert",
        date=recipient.date,
    )

    message = message_from_bytes(built, policy=policy.default)
    assert message["To"] == "hannah@allotmentpost.example"
    assert message["List-Unsubscribe"] == "<https://m.example/inert>"
    assert message["X-PM-TrackOpens"] == "false"
    html = message.get_body(("html",)).get_content()
    assert 'href="https://m.example/inert"' in html
    assert "Good morning Amara" in html


def test_figures_count_what_a_reader_meets() -> None:
    gate = link_mark("https://a.example/gate")
    document = make_document(
        paragraph('Hello [Subscriber_Name, fallback="dear old friend"], it’s me'),
        paragraph(text_node("gate", gate), " and ", text_node("gate", "bold", gate)),
        {"type": "image", "attrs": {"src": "https://a.example/p.png", "caption": "Two words"}},
        {"type": "emailButton", "attrs": {"label": "Go on", "href": "https://b.example/"}},
    )

    counts = count(document)

    assert (counts.words, counts.links, counts.pictures) == (11, 2, 1)
    assert counts.minutes == 0


def test_long_letter_is_said_to_be_clipped() -> None:
    document = make_document(*[paragraph("word " * 200) for _ in range(120)])

    shown = preview(document, person=AMARA, footer=FOOTER)

    assert shown.is_clipped
    assert shown.size == len(shown.html.encode())
    assert shown.counts.minutes == round(24_000 / 230)
