"""The forms in which servers of many makers write back, one file each: `<kind>.<who writes so>.eml`."""

from pathlib import Path

import pytest

from mailrith.events.mail import read_mail

FORMS = sorted((Path(__file__).parent / "forms").glob("*.eml"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_each_form_says_what_happened_and_to_whom(form):
    raw = form.read_bytes().replace(b"\n", b"\r\n")
    (found,) = read_mail(raw)

    assert (str(found.kind), found.recipient) == (form.name.partition(".")[0], "ada@list.example")


def test_lines_may_end_in_any_way():
    raw = (FORMS[0].parent / "hard.google-workspace.eml").read_bytes()
    expected = read_mail(raw)

    assert read_mail(raw.replace(b"\n", b"\r\n")) == expected
    assert read_mail(raw.replace(b"\n", b"\r")) == expected


def test_there_are_forms():
    assert len(FORMS) > 55
