import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.content.quoted_printable import LINE, encode_run, encode_value

letters = st.text(
    st.sampled_from("ab .=é🙂\tF") | st.characters(codec="utf-8", exclude_characters="\r\n")
)
runs = st.lists(letters, max_size=5).map("\n".join)
values = letters | st.sampled_from(
    [".", "From x", " ", "=", "." * 200, "From " * 40, "a" * 75, "a" * 76, "é" * 200, "", "x" * 74 + "=y"]
)  # fmt: skip


@given(st.lists(st.tuples(runs, values), max_size=6))
def test_pieces_join_to_what_was_meant(pieces: list[tuple[str, str]]) -> None:
    wire = b"".join(encode_run(run) + encode_value(value) for run, value in pieces)

    meant = "".join(f"{run}{value}" for run, value in pieces)
    assert quopri.decodestring(wire) == meant.replace("\n", "\r\n").encode()


@given(st.lists(st.tuples(runs, values), max_size=6))
def test_no_line_is_long_or_begins_with_what_servers_alter(pieces: list[tuple[str, str]]) -> None:
    wire = b"".join(encode_run(run) + encode_value(value) for run, value in pieces)

    lines = wire.split(b"\r\n")
    assert all(len(line) <= LINE for line in lines)
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert wire.isascii()
    assert wire.count(b"\n") == wire.count(b"\r\n") == wire.count(b"\r")


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "\n\na"])
def test_run_ends_where_a_line_ends(text: str) -> None:
    assert encode_run(text).endswith(b"\r\n") or not text


def test_dot_alone_never_ends_the_message() -> None:
    assert encode_run("\n.\n") == b"\r\n=2E\r\n"
