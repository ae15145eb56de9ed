import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.content import merge, slots
from mailrith.content.merge import Person
from mailrith.content.slots import Slot

AMARA = Person("Amara", "amara@postbox.example")
NOBODY = Person()


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ('Hi [Subscriber_Name, fallback="friend"],', "Hi Amara,", "Hi friend,"),
        ('[Subscriber_Email, fallback=""]', "amara@postbox.example", ""),
        ("[Subscriber_Name]", "Amara", ""),
        ("[Subscriber_Name, fallback=“dear friend”]", "Amara", "dear friend"),
        ('[ Subscriber_Name , fallback = "x" ]', "Amara", "x"),
        ('[Other_Name, fallback="x"]', '[Other_Name, fallback="x"]', '[Other_Name, fallback="x"]'),
        ("{{ name }}", "{{ name }}", "{{ name }}"),
        ("[1] and [sic]", "[1] and [sic]", "[1] and [sic]"),
        ("", "", ""),
    ],
)
def test_tag_becomes_the_value_or_the_fallback(text: str, known: str, unknown: str) -> None:
    assert merge.fill(text, AMARA) == known
    assert merge.fill(text, NOBODY) == unknown


@pytest.mark.parametrize("name", ["", "   ", "\r\n", "\x00", "\u202e"])
def test_name_of_nothing_visible_is_no_name(name: str) -> None:
    assert merge.fill('[Subscriber_Name, fallback="friend"]', Person(name)) == "friend"


def test_value_that_looks_like_a_tag_is_not_read_again() -> None:
    person = Person('[Subscriber_Email, fallback="x"] {{ 7*7 }}', "a@b.example")

    assert merge.fill("Hi [Subscriber_Name]", person) == f"Hi {person.name}"


@pytest.mark.parametrize(
    ("text", "code", "tag"),
    [
        ('Hi [First_Name, fallback="x"]', "unknown_tag", '[First_Name, fallback="x"]'),
        ("Hi [First_Name]", "unknown_tag", "[First_Name]"),
        ('Hi [name, fallback="x"]', "unknown_tag", '[name, fallback="x"]'),
        ("Hi [subscriber_name]", "unknown_tag", "[subscriber_name]"),
        ("Hi [Subscriber_Name]", "missing_fallback", "[Subscriber_Name]"),
        (
            "Hi [Subscriber_Name, fallback=friend]",
            "unknown_tag",
            "[Subscriber_Name, fallback=friend]",
        ),
        ("Hi {{ name }}", "braces", "{{ name }}"),
        ("{% if x %}", "braces", "{% if x %}"),
    ],
)
def test_tag_that_will_not_be_filled_is_named(text: str, code: str, tag: str) -> None:
    assert list(merge.problems(text)) == [merge.Problem(code, tag)]


@pytest.mark.parametrize(
    "text",
    ['[Subscriber_Name, fallback="x"]', "[1] [sic] [a]", "{ x }", "[x](https://a_b.example)"],
)
def test_ordinary_brackets_are_no_problem(text: str) -> None:
    assert list(merge.problems(text)) == []


@given(st.text())
def test_slot_cannot_be_typed(text: str) -> None:
    forged = f"{text}{Slot('unsubscribe')}{text}"

    assert all(
        isinstance(piece, str) or piece.kind in ("name", "email") for piece in merge.parse(forged)
    )


@given(st.builds(Slot, st.sampled_from(["name", "link"]), st.text(), st.integers(0, 9999)))
def test_slot_is_read_as_it_was_written(slot: Slot) -> None:
    assert list(slots.split(f"a{slot}b{slot}")) == ["a", slot, "b", slot]


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "[A, fallback" * 30_000, "{{" * 100_000, "[Subscriber_Name" + " " * 200_000],
)
def test_text_made_to_hurt_is_read_in_time(text: str) -> None:
    started = time.process_time()

    list(merge.problems(text))
    merge.fill(text, AMARA)

    assert time.process_time() - started < 2
