"""Each row is somebody, or a sentence; nothing in between and nothing twice."""

import io

import pytest

from mailrith.subscribers.files import Layout
from mailrith.subscribers.rows import Parser, Person, Refusal
from mailrith.subscribers.seen import Seen


def parse(text, **places):
    header, *_ = text.split("\n")
    layout = Layout("utf-8", ",", header.split(","), [])
    parser = Parser(layout, places or {"email": 0, "name": 1, "tags": 2}, b"salt")
    return list(parser.read(io.BytesIO(text.encode())))


def test_row_with_everything_is_a_person():
    (ada,) = parse('email,name,tags\nAda@B.Example, Ada  Lovelace ,"Course; course|Hackney"\n')

    assert (ada.row, ada.email, ada.name) == (2, "Ada@b.example", "Ada Lovelace")
    assert ada.tags == ["course", "Hackney"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",Ada,", "no address"),
        ("ada,Ada,", "@ is missing"),
        ("a@@b.example,Ada,", "more than one"),
        ("a@b.example,Ada,x,y", "4 cells, but there are 3 columns"),
        (f"a@b.example,{'x' * 10_000},", "10,000 characters"),
        (f"a@b.example,Ada,{'x' * 81}", "longer than 80"),
        (f'a@b.example,Ada,"{",".join(f"t{n}" for n in range(51))}"', "51 tags"),
    ],
)
def test_bad_row_gets_its_sentence(row, words):
    (refusal,) = parse(f"email,name,tags\n{row}\n")

    assert isinstance(refusal, Refusal)
    assert words in refusal.reason
    assert refusal.row == 2


def test_short_row_lacks_what_it_lacks():
    (ada,) = parse("email,name,tags\na@b.example\n")

    assert (ada.name, ada.tags) == ("", [])


def test_empty_cells_beyond_the_columns_do_no_harm():
    (ada,) = parse("email,name,tags\na@b.example,Ada,,,,\n")

    assert isinstance(ada, Person)


def test_empty_rows_count_for_numbers_but_not_for_people():
    found = parse("email,name,tags\n\n,,\na@b.example,,\n")

    assert [row.row for row in found] == [4]


def test_zeros_and_line_breaks_never_reach_a_name():
    (ada,) = parse('email,name,tags\na@b.example,"Ada\n\0Love\u202elace",\n')

    assert ada.name == "Ada Love lace"


def test_second_row_of_an_address_is_refused_also_in_a_later_batch():
    seen = Seen()
    seen.first_ones(parse("email,name,tags\na@b.example,,\n"))

    people, refusals = seen.first_ones(parse("email,name,tags\nA@b.example,,\nc@d.example,,\n"))

    assert [person.email for person in people] == ["c@d.example"]
    assert refusals[0].reason == "The same address as row 2. The first one counts."
    seen.close()


def test_parsing_takes_linear_time():
    import time

    started = time.perf_counter()
    parse("email,name,tags\n" + "a" * 50_000 + "!@\n")

    assert time.perf_counter() - started < 0.5
