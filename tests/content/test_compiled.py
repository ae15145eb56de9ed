import dataclasses
import json
import re
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailrith.content import limits
from mailrith.content.characters import one_value
from mailrith.content.compiled import CompiledMessage, compile_message
from mailrith.content.reading_back import differences
from mailrith.content.slots import PIXEL, UNSUBSCRIBE
from mailrith.core.errors import Invalid
from mailrith.core.line_breaks import breaks_a_line
from mailrith.smtp.body import stuffed
from tests.support.factories_content import (
    link_mark,
    make_letter,
    make_recipient,
    paragraph,
    text_node,
)

GREETING = 'For [Subscriber_Name, fallback="friend"], who reads [Subscriber_Email, fallback=""]'
HOSTILE = [
    "\r\nBcc: everybody@x.test",
    "\n.\n",
    "\r\n.\r\n",
    ".",
    "..",
    "From here",
    "trailing  \t ",
    "\0nul",
    "\x85\u2028\u2029\x0b\x0c",
    "=?utf-8?q?Bob=0AReply-To=3A_evil=40x.test=0AX-Inj=3A_1?=",
    "=?utf-8?b?QUJD?= =?utf-8?b?QUJD?=",
    "مرحبا \u202eevil",
    "👩‍👩‍👧‍👦 family",
    "<script>alert(1)</script>",
    "\"quotes\" & 'more' </td>",
    "{{ config }} {% for x in y %}",
    '[Subscriber_Email, fallback="x"]',
    "x" * 10_000,
    "é" * 10_000,
    "=" * 80,
    "a=" * 40,
    str(UNSUBSCRIBE),
    "\ud800lone",
    "",
    "   ",
]

any_text = st.text(max_size=200) | st.sampled_from(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_reads_literally_everywhere(name: str) -> None:
    built = _greeting().build(make_recipient(name))

    assert stuffed(built) == built
    message = message_from_bytes(built, policy=policy.default)
    shown = one_value(name) or "friend"
    assert message.get_body(("plain",)).get_content().startswith(f"For {shown}, who reads")
    assert message.keys() == message_from_bytes(_greeting().build(make_recipient())).keys()


@given(name=any_text, subject=any_text, sender=any_text, line=any_text, fallback=any_text)
@settings(deadline=None, max_examples=80)
@example(name="x", subject=" ", sender="", line="", fallback="")
def test_built_message_reads_back_as_a_plain_rendering(
    name: str, subject: str, sender: str, line: str, fallback: str
) -> None:
    fallback = re.sub(r'["\[\]\r\n]', "", fallback)[:200]
    subject = subject[:200]
    subject = f'S {subject} [Subscriber_Name, fallback="{fallback}"] {subject}'
    content = paragraph(f'{line}[Subscriber_Name, fallback="{fallback}"]{line}', line)
    letter = make_letter(content, subject=subject, from_name=sender[:255], preview_text=line)
    broken = [one for one in (subject, sender[:255]) if breaks_a_line(one)]
    if broken:
        with pytest.raises(Invalid, match="line breaks"):
            compile_message(letter)
        return

    compiled = compile_message(letter)

    recipient = make_recipient(name)
    built = compiled.build(recipient)
    assert not list(differences(letter, recipient, built))
    assert stuffed(built) == built  # so it goes over every line as it is


@given(st.lists(any_text, min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_names_never_leak_into_the_next_message(names: list[str]) -> None:
    compiled = _greeting()

    for name in names:
        recipient = make_recipient(name)
        assert not list(differences(compiled.letter, recipient, compiled.build(recipient)))


def test_encoded_word_in_a_name_adds_no_header() -> None:
    """CVE-2024-6923: the standard library wrote the decoded line breaks raw."""
    letter = make_letter(subject='Hello [Subscriber_Name, fallback="you"] welcome')
    name = "=?utf-8?q?Bob=0AReply-To=3A_evil=40x.test=0AX-Inj=3A_1?="

    built = compile_message(letter).build(make_recipient(name))

    head = built.partition(b"\r\n\r\n")[0]
    assert b"\r\nReply-To:" not in head
    assert b"X-Inj:" not in head
    message = message_from_bytes(built, policy=policy.default)
    assert message["Subject"] == f"Hello {name} welcome"


def test_headers_are_those_of_a_bulk_mail_and_in_order() -> None:
    letter = make_letter(
        reply_to="post@allotmentpost.example",
        feedback_id="b148:w7:broadcast:mailrith",
        extra_headers=(("X-Mailer", "Mailrith"),),
        carrier_headers=(("X-PM-TrackOpens", "false"),),
        trace=("X-PM-Metadata-mailrith", "", ""),
    )

    built = compile_message(letter).build(make_recipient())

    head = built.partition(b"\r\n\r\n")[0].decode("ascii")
    assert head.replace("\r\n ", " ").split("\r\n")[:-1] == [
        'From: "Hannah at The Allotment Post" <hannah@allotmentpost.example>',
        "To: amara.singh@postbox.example",
        "Subject: The hungry gap",
        "Date: Fri, 24 Apr 2026 06:02:14 +0000",
        "Message-ID: <b148.9f2c6e1d@allotmentpost.example>",
        "Reply-To: post@allotmentpost.example",
        "List-Unsubscribe: <https://post.allotmentpost.example/u/9f2c6e1d?k=1>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        'List-Id: "The Allotment Post" <weekly.allotmentpost.example>',
        "Feedback-ID: b148:w7:broadcast:mailrith",
        "Precedence: bulk",
        "X-Mailer: Mailrith",
        "X-PM-TrackOpens: false",
        "X-PM-Metadata-mailrith: b148-9f2c6e1d",
        "MIME-Version: 1.0",
    ]


def test_text_part_comes_first() -> None:
    message = message_from_bytes(compile_message(make_letter()).build(make_recipient()))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


SENDGRID = (
    "X-SMTPAPI",
    '{"unique_args": {"mailrith": "',
    '"}, "filters": {"clicktrack": {"settings": {"enable": 0}}, "opentrack": {"settings": {"enable": 0}}}}',
)


@pytest.mark.parametrize("left", ["1", "9f2c6e1d.ffffffffffffffff.abcdefgh.0123456789abcdef0123"])
def test_mark_of_the_delivery_is_folded_into_the_services_header(left: str) -> None:
    compiled = compile_message(make_letter(trace=SENDGRID))
    recipient = make_recipient(message_id=f"{left}@a.example")

    compiled.verify([recipient])

    built = compiled.build(recipient)
    lines = f"X-SMTPAPI: {message_from_bytes(built)['X-SMTPAPI']}".splitlines()
    assert max(map(len, lines)) <= 76
    value = json.loads("".join(lines).removeprefix("X-SMTPAPI:"))
    assert value["unique_args"] == {"mailrith": left.replace(".", "-")}


def test_foreign_message_id_cannot_change_a_services_header() -> None:
    compiled = compile_message(make_letter(trace=SENDGRID))

    with pytest.raises(Invalid):
        compiled.build(make_recipient(message_id='1"}},"to":["evil@x.test"]@a.example'))


@given(
    any_text.filter(lambda value: len(value) < 300),
    st.lists(
        st.tuples(st.sampled_from(["X-A", "Comments", "X-B", "Bcc", "x-a"]), any_text), max_size=3
    ),
)
@settings(deadline=None, max_examples=60)
def test_added_headers_are_refused_or_read_back(name: str, extra: list[tuple[str, str]]) -> None:
    letter = make_letter(extra_headers=tuple(extra))
    try:
        compiled = compile_message(letter)
    except Invalid as error:
        refusal = error
    else:
        refusal = None
    if refusal:
        assert refusal.field == "headers"
        return
    recipient = make_recipient(name)
    assert not list(differences(letter, recipient, compiled.build(recipient)))


def test_fifty_headers_are_carried_and_one_more_is_not() -> None:
    most = tuple((f"X-Note-{number}", "1") for number in range(limits.MOST_EXTRA_HEADERS))

    built = compile_message(make_letter(extra_headers=most)).build(make_recipient())
    assert message_from_bytes(built)["X-Note-49"] == "1"
    with pytest.raises(Invalid, match="51 headers"):
        compile_message(make_letter(extra_headers=(*most, ("X-Other", "1"))))


def test_bytes_with_too_many_headers_are_found_out() -> None:
    letter = make_letter()
    built = compile_message(letter).build(make_recipient())

    crowded = b"".join(b"X-%d: 1\r\n" % number for number in range(100)) + built

    found = list(differences(letter, make_recipient(), crowded))
    assert any(re.fullmatch(r"it has 1\d\d header fields", one) for one in found)


def test_letter_beyond_ten_megabytes_is_refused_where_it_is_made() -> None:
    letter = dataclasses.replace(make_letter(), text="x" * limits.LARGEST_BODY)

    with pytest.raises(Invalid) as refusal:
        compile_message(letter)
    assert refusal.value.field == "body"


def test_letter_that_only_grows_too_large_on_the_wire_is_refused_as_well() -> None:
    """Every letter of it takes six bytes in quoted-printable."""
    letter = dataclasses.replace(make_letter(), text="é" * (limits.LARGEST_BODY // 5))

    with pytest.raises(Invalid) as refusal:
        compile_message(letter)
    assert refusal.value.field == "body"


@pytest.mark.parametrize(
    "change",
    [
        {"address": "a@x.test\r\nBcc: b@x.test"},
        {"message_id": "1@x.test>\r\nBcc: b@x.test"},
        {"message_id": "1@x.test> <2@x.test"},
        {"unsubscribe_url": "https://x.test/>,<https://evil.test/"},
        {"unsubscribe_url": "https://x.test/\x00"},
    ],
)
def test_address_that_would_end_its_field_is_refused(change: dict[str, str]) -> None:
    compiled = compile_message(make_letter())

    with pytest.raises(Invalid):
        compiled.build(make_recipient(**change))


@pytest.mark.parametrize("count", [1, 7, 60, 200, 255])
def test_long_header_lines_are_folded(count: int) -> None:
    name = "wörd " * count

    built = _greeting().build(make_recipient(name))

    assert max(map(len, built.split(b"\r\n"))) <= 78


def test_address_outside_ascii_goes_out_in_utf8() -> None:
    compiled = compile_message(make_letter())
    recipient = make_recipient(address="zoë@postbox.example")

    compiled.verify([recipient])

    assert "\r\nTo: zoë@postbox.example\r\n".encode() in compiled.build(recipient)


def test_plain_addresses_stand_where_nothing_is_tracked() -> None:
    content = paragraph(text_node("the gate", link_mark("https://a.example/gate?x=1&y=2")))

    built = compile_message(make_letter(content)).build(make_recipient())

    html = message_from_bytes(built, policy=policy.default).get_body(("html",)).get_content()
    assert 'href="https://a.example/gate?x=1&amp;y=2"' in html
    assert "<img" not in html


def test_tracked_addresses_take_the_place_of_plain_ones() -> None:
    content = paragraph(text_node("the gate", link_mark("https://a.example/gate")))
    letter = make_letter(content, tracked=True)
    recipient = make_recipient(links=("https://t.example/c/9",), pixel_url="https://t.example/o/9")

    built = compile_message(letter).build(recipient)

    html = message_from_bytes(built, policy=policy.default).get_body(("html",)).get_content()
    assert "https://a.example/gate" not in html
    assert 'href="https://t.example/c/9"' in html
    assert '<img src="https://t.example/o/9"' in html


def test_letter_that_says_something_else_on_the_wire_is_refused() -> None:
    """Proves that reading back can fail: a part is swapped behind the letter's back."""
    compiled = compile_message(make_letter())
    other = dataclasses.replace(compiled.letter, subject="Another subject")

    with pytest.raises(Invalid, match="Subject"):
        CompiledMessage(other, _parts_of(compiled)).verify([make_recipient()])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "\r\n\x00"}, "subject"),
        ({"subject": "x" * 999}, "subject"),
        ({"from_address": "a@x.test>, <b@x.test"}, "from_address"),
        ({"reply_to": "a@x.test\nBcc: b@x.test"}, "reply_to"),
        ({"extra_headers": (("Bcc", "b@x.test"),)}, "headers"),
        ({"extra_headers": (("X Y", "1"),)}, "headers"),
        ({"subject": "a\u2028b"}, "subject"),
        ({"subject": "=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?="}, "subject"),
        ({"from_name": "a\r\nBcc: b@x.test"}, "from_name"),
        ({"from_name": "=?utf-8?b?YQpi?="}, "from_name"),
        ({"extra_headers": (("X-A", "a\x0bb"),)}, "headers"),
        ({"extra_headers": (("X-A", "1"), ("x-a", "2"))}, "headers"),
        ({"extra_headers": (("X-SES-MESSAGE-TAGS", "a=b"),)}, "headers"),
        ({"carrier_headers": (("DKIM-Signature", "1"),)}, "headers"),
        ({"carrier_headers": (("X-PM-Message-Stream", "a\r\nBcc: b@x.test"),)}, "headers"),
        ({"trace": ("Bcc", "", "@x.test")}, "headers"),
        ({"trace": ("X-SMTPAPI", "\r\n", "")}, "headers"),
        ({"feedback_id": "only:two"}, "feedback_id"),
        ({"from_name": "x" * 256}, "from_name"),
        ({"list_id": "a b"}, "list_id"),
        ({"list_id": "a>\r\nBcc: b@x.test"}, "list_id"),
    ],
)
def test_letter_that_cannot_be_a_mail_is_refused(change: dict, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        compile_message(make_letter(**change))

    assert refusal.value.field == field


def test_slots_are_gone_from_every_message() -> None:
    built = _greeting().build(make_recipient("", address="x@y.example"))

    assert "\U0010f000".encode() not in built
    assert str(PIXEL).encode() not in built


_COMPILED: list[CompiledMessage] = []


def _greeting() -> CompiledMessage:
    if not _COMPILED:
        _COMPILED.append(compile_message(make_letter(paragraph(GREETING), subject=GREETING)))
    return _COMPILED[0]


def _parts_of(compiled: CompiledMessage) -> list[bytes]:
    return [compiled.build(make_recipient())]
