"""JSON from strangers."""

import time

import pytest

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'event': 1}",
        b"[1,]",
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xc3"}',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 30 + b"]" * 30,
        b'{"a":' * 30 + b"1" + b"}" * 30,
    ],
)
def test_what_two_readers_could_read_differently_is_refused_with_a_sentence(body):
    found = strict_json.read(body)

    assert isinstance(found, Unreadable)
    assert found.sentence.endswith(".")


def test_a_bomb_of_brackets_is_refused_quickly():
    started = time.perf_counter()

    strict_json.read(b"[" * 500_000 + b"]" * 500_000)

    assert time.perf_counter() - started < 0.5


def test_ordinary_json_is_read():
    assert strict_json.read(b'[{"a": "\xc3\xa9", "b": [1, 2.5, null, true]}]') == [
        {"a": "é", "b": [1, 2.5, None, True]}
    ]


def test_nesting_up_to_the_limit_is_read():
    depth = strict_json.MAX_DEPTH

    assert not isinstance(strict_json.read(b"[" * depth + b"]" * depth), Unreadable)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_texts_that_no_database_takes_are_recognised(text):
    assert not strict_json.is_storable(text)
    assert strict_json.is_storable("Grüße 🌱")
