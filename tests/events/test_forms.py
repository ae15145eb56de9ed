"""Bodies that may be JSON or a form."""

import pytest

from mailrith.core.strict_json import Unreadable
from mailrith.events import forms


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b' [{"a": 1}]', [{"a": 1}]),
        (b"a=1&b=x%20y+z", {"a": "1", "b": "x y z"}),
        (b"a=1&&b=&c=%C3%A9&", {"a": "1", "c": "é"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=%ff", {"a": "�"}),
    ],
)
def test_both_are_read(body, value):
    assert forms.read(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"text", b"{", b"\xff", "a=é".encode(), b"&".join([b"a=1"] * 201)]
)
def test_anything_else_is_refused_whole(body):
    assert isinstance(forms.read(body), Unreadable)
