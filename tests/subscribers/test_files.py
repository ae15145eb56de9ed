"""Whatever people's programs write is read; whatever is no list gets one sentence that says what to do."""

import io
import tracemalloc

import pytest

from mailrith.subscribers import files, lines
from mailrith.subscribers.files import Layout, Unreadable

PEOPLE = "E-mail,Name\nada@readers.example,Ada Löfgren\nluis@readers.example,Luís Ñandú\n"


def inspect(content):
    return files.inspect(io.BytesIO(content if isinstance(content, bytes) else content.encode()))


def rows(content, layout):
    return list(lines.records(io.BytesIO(content), layout.encoding, layout.delimiter))


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("latin-1", "Western European"),
        ("cp1252", "Western European"),
    ],
)
def test_every_usual_encoding_is_read(encoding, words):
    content = PEOPLE.encode(encoding)

    layout = inspect(content)

    assert layout.columns == ["E-mail", "Name"]
    assert rows(content, layout)[1] == ["ada@readers.example", "Ada Löfgren"]
    assert words in layout.words


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_usual_delimiter_is_found(sign):
    layout = inspect(PEOPLE.replace(",", sign))

    assert layout.delimiter == sign
    assert layout.columns == ["E-mail", "Name"]


def test_commas_inside_names_do_not_hide_the_semicolons():
    layout = inspect("email;name\na@b.example;Lovelace, Ada\nc@d.example;Byron, George, Lord\n")

    assert layout.delimiter == ";"


def test_first_line_of_excel_names_the_delimiter():
    layout = inspect("sep=;\r\nemail;name\r\na@b.example;Ada\r\n")

    assert (layout.delimiter, layout.columns, layout.skipped) == (";", ["email", "name"], 1)


def test_one_column_is_enough():
    assert inspect("email\na@b.example\n").columns == ["email"]


def test_columns_without_a_name_get_a_number():
    assert inspect("email,,name\na@b.example,x,Ada\n").columns == ["email", "Column 2", "name"]


def test_samples_are_shown_by_column():
    assert inspect(PEOPLE).samples == [
        ["ada@readers.example", "luis@readers.example"],
        ["Ada Löfgren", "Luís Ñandú"],
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04" + b"x" * 100, "Save As"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "Save As"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (bytes(range(256)) * 40, "not a text file"),
        (b"email,name\n", "nobody below"),
        (b"ada@readers.example,Ada\nluis@readers.example,Luis\n", "instead of the names"),
        (b"ada@readers.example\n", "instead of the names"),
        (b"email,Name,NAME\na@b.example,x,y\n", "called “Name”"),
        (b"email," + b"x" * 300 + b"\na@b.example,y\n", "longer than 200"),
        (b",".join(b"c%d" % n for n in range(300)) + b"\n" + b"," * 299 + b"x\n", "300 columns"),
    ],
)
def test_what_is_no_list_gets_its_sentence(content, words):
    found = inspect(content)

    assert isinstance(found, Unreadable)
    assert words in found.sentence


def test_million_columns_are_refused_and_do_not_hurt():
    found = inspect(b"a," * 1_000_000 + b"\n" + b"b," * 1_000_000)

    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"email\n" + b"x" * 30_000_000, id="one line of 30 MB"),
        pytest.param(b'email\n"' + b"a@b.example\n" * 2_500_000, id="quotation mark never closed"),
        pytest.param(b"email\n" + b"," * 30_000_000, id="thirty million columns"),
    ],
)
def test_memory_stays_flat_whatever_a_line_holds(content):
    file = io.BytesIO(content)
    tracemalloc.start()
    for _ in lines.records(file, "utf-8", ","):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 40_000_000


def test_line_after_an_unreadable_one_is_read():
    content = b'email\n"' + b"x" * 140_000 + b"\na@b.example\n"

    found = list(lines.records(io.BytesIO(content), "utf-8", ","))

    assert None in found
    assert ["a@b.example"] in found


def test_file_stays_open_for_the_next_look():
    file = io.BytesIO(PEOPLE.encode())
    files.inspect(file)

    assert not file.closed


def test_stored_layout_comes_back_the_same():
    layout = inspect(PEOPLE)

    assert Layout.from_json(layout.to_json()) == layout
