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


def test_there_are_forms():
    assert len(FORMS) > 20
