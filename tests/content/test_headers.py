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


@pytest.mark.parametrize(
    "name",
    [
        "Bcc", "bcc", "BCC", "Bcc ", " Bcc", "Bcc\r\nX", "To", "Subject", "Content-Type", "content-transfer-encoding",
        "List-Unsubscribe", "Message-ID", "Dkim-Signature", "Return-Path", "", "X:Y", "X Y", "X\x00", "Вcc", "X-" + "a" * 80,
    ],
)  # fmt: skip
def test_name_that_is_ours_or_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        headers.check_name(name)


@pytest.mark.parametrize("name", ["X-Campaign", "X-SES-MESSAGE-TAGS", "Comments"])
def test_other_names_are_kept(name: str) -> None:
    assert headers.check_name(name) == name


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
