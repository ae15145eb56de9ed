import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.content import headers
from mailrith.content.characters import one_value
from mailrith.core.errors import Invalid

NASTY = [
    "a\r\nBcc: b@x.test",
    "a\nBcc: b@x.test",
    "a\rBcc: b@x.test",
    "a\x85Bcc: b@x.test",
    "a\u2028Bcc: b@x.test",
    "a\u2029Bcc: b@x.test",
    "a\x0bBcc: b@x.test",
    "a\x0cBcc: b@x.test",
    "a\x1cBcc: b@x.test",
    "a\x00Bcc: b@x.test",
    "a\r\n\r\n<script>",
    "=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?=",
    "=?utf-8?b?YQ0KQmNjOiBiQHgudGVzdA==?=",
    "=?utf-8?q?a?=\t=?utf-8?q?b?=",
    "=?",
    "?=",
    " leading",
    "two  blanks",
    "x" * 3000,
    "word " * 700,
    "é" * 999,
    "=" * 999,
    "👩‍👩‍👧‍👦" * 100,
    '"quoted" \\ back',
    "(comment) <a@b>, c@d; e:",
]


@pytest.mark.parametrize("value", NASTY)
def test_plain_text_reads_back_literally_and_adds_nothing(value: str) -> None:
    raw = headers.field("Subject", value) + b"X-After: 1\r\n\r\nbody"

    message = message_from_bytes(raw, policy=policy.compat32)
    assert message.keys() == ["Subject", "X-After"]
    assert _decoded(message["Subject"]) == one_value(value)
    assert raw.isascii()


@pytest.mark.parametrize("value", NASTY)
def test_display_name_reads_back_literally_and_adds_nothing(value: str) -> None:
    raw = headers.mailbox_field("From", value, "h@a.example") + b"X-After: 1\r\n\r\nbody"

    message = message_from_bytes(raw, policy=policy.compat32)
    assert message.keys() == ["From", "X-After"]
    # By hand: policy.default reads a blank between two encoded words of a phrase.
    name, _, address = "".join(message["From"].splitlines()).rpartition("<")
    assert address == "h@a.example>"
    assert _decoded(_unquoted(name.strip())) == one_value(value)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text_reads_back_and_lines_stay_short(value: str) -> None:
    raw = headers.field("Subject", value)

    assert _decoded(message_from_bytes(raw + b"\r\n", policy=policy.compat32)["Subject"]) == (
        one_value(value)
    )
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert all(line[:1] in (b"S", b" ", b"") for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(
    "value", ["word " * 60, "é" * 300, "=?x?=" * 60, "日本語" * 60, "ab" * 45 + " " + "c" * 70]
)
def test_encoded_words_are_at_most_75_characters(value: str) -> None:
    raw = headers.field("Subject", value).decode("ascii")

    assert all(len(word) <= 75 for word in raw.split() if word.startswith("=?"))


def test_plain_subject_stays_readable_in_the_source() -> None:
    assert headers.field("Subject", "The hungry gap: eat it?") == (
        b"Subject: The hungry gap: eat it?\r\n"
    )


def test_text_with_a_line_break_is_refused_with_its_field() -> None:
    with pytest.raises(Invalid) as refusal:
        headers.check_text("=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?=", "from_name")

    assert refusal.value.field == "from_name"
    assert headers.check_text("The hungry gap", "subject") == "The hungry gap"


JSON = '{"unique_args": {"mailrith": "5f2c-1-a"}, "filters": {"clicktrack": {"settings": {"enable": 0}}}}'


def test_structured_value_stays_ascii_and_unfolds_to_itself() -> None:
    raw = headers.structured_field("X-SMTPAPI", JSON) + b"X-After: 1\r\n\r\n"

    message = message_from_bytes(raw, policy=policy.compat32)
    assert message.keys() == ["X-SMTPAPI", "X-After"]
    assert "".join(message["X-SMTPAPI"].splitlines()) == JSON
    assert max(map(len, raw.split(b"\r\n"))) <= 76


@given(st.text(max_size=200))
@settings(deadline=None)
def test_structured_value_is_refused_or_written_as_it_is(value: str) -> None:
    try:
        raw = headers.structured_field("X-Data", value)
    except Invalid:
        return
    assert raw.replace(b"\r\n ", b" ") == f"X-Data: {value}\r\n".encode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    "value",
    ["a\r\nBcc: b@x.test", "a\nb", "café", "=?utf-8?q?a?=", "two  blanks", " a", "a ", "x" * 80, "a\x85b", "a\0b"],
)  # fmt: skip
def test_structured_value_that_a_program_would_misread_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        headers.structured_field("X-Data", value)


def test_mark_holds_only_what_every_service_takes() -> None:
    assert headers.mark_of("9f2c6e1d.1a.k1.0123456789abcdef0123@a.example") == (
        "9f2c6e1d-1a-k1-0123456789abcdef0123"
    )


@pytest.mark.parametrize(
    "message_id", ["", "@a.example", 'a"b@x', "a b@x", "a\r\nb@x", "é@x", "a" * 61 + "@x"]
)
def test_mark_of_a_foreign_id_is_refused(message_id: str) -> None:
    with pytest.raises(Invalid):
        headers.mark_of(message_id)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "a@b@c", "a b@c.d", "a@b.c\r\n", "a@b.c>", "<a@b.c", "a@b.c,d@e.f", "a@\x00b", '"a"@b.c', "a@[127.0.0.1]", "a@" + "b" * 260],
)  # fmt: skip
def test_address_that_is_more_than_one_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        headers.check_address(address, "reply_to")


def _unquoted(phrase: str) -> str:
    return re.sub(r"\\(.)", r"\1", phrase[1:-1]) if phrase.startswith('"') else phrase


def _decoded(value: str) -> str:
    return str(make_header(decode_header("".join(value.splitlines()))))
