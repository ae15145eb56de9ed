from base64 import b64encode
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.core.line_breaks import breaks_a_line


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: b@x.test", "a\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x85b", "a\u2028b", "a\u2029b", "a\x1cb", "a\0b",
        "=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?=", "=?UTF-8?B?YQ0KQmNjOiBiQHgudGVzdA==?=", "=?utf-8?b?YQ0KQmNjOiBiQHgudGVzdA?=",
        "=?utf-8?b?YQ0K QmNj?=", "=?utf-7?q?a+AA0ACg-b?=", "=?utf-8?q?a=E2=80=A8b?=", "=?iso-8859-1?q?a=85b?=",
        "=?utf-8*en?q?a=0Ab?=", "=?no-such?q?a=0Ab?=", "=?utf-16?b?AGEACgBi?=", "=?zlib?b?YQo=?=", "=??q?a=0ab?=", "a =?x?q?=00?= b",
        "=?utf-8?q?a\ud800=0A?=",
    ],
)  # fmt: skip
def test_a_break_is_seen_however_it_is_written(text: str) -> None:
    assert breaks_a_line(text)


@pytest.mark.parametrize(
    "text",
    ["", "The hungry gap", "=?", "=?utf-8?q?caf=C3=A9?=", "=?utf-8?b?Y2Fmw6k=?=", "=?utf-8?q?=C3=85ngstr=C3=B6m?=", "a\tb", "=?utf-8?b?!?=", "👩‍👩‍👧‍👦", "1 =? 2"],
)  # fmt: skip
def test_text_on_one_line_breaks_nothing(text: str) -> None:
    assert not breaks_a_line(text)


@given(st.text(max_size=60), st.sampled_from(["utf-8", "iso-8859-1", "utf-7", "x", "utf-16-le"]))
@settings(deadline=None)
def test_whatever_an_encoded_word_says_a_break_in_it_is_found(text: str, charset: str) -> None:
    """The oracle is the standard library, which writes the breaks raw (CVE-2024-6923)."""
    word = f"=?{charset}?b?{b64encode(text.encode('utf-8', 'replace')).decode()}?="

    try:
        spoken = str(make_header(decode_header(word)))
    except (LookupError, UnicodeError):
        return
    if any(mark in spoken for mark in "\r\n\0\v\f\x85\u2028\u2029"):
        assert breaks_a_line(word)
