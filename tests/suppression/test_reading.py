"""Addresses out of what people paste and services export."""

import pytest

from mailrith.suppression import reading
from mailrith.suppression.models import SuppressionReason as Reason


@pytest.mark.parametrize(
    "text",
    [
        "a@x.example\nb@x.example",
        "a@x.example, b@x.example",
        "Ada <a@x.example>; Bea <b@x.example>",
        "name;email;plot\nAda;a@x.example;1\nBea;b@x.example;2",
        '"email","reason"\n"a@x.example",""\n"b@x.example","soon"',
        "\ufeffEmail\r\na@x.example\r\n\r\nb@x.example\r\n",
    ],
)
def test_every_usual_form_gives_its_addresses(text):
    found = reading.read(text)

    assert [address.text for address, _ in found.entries] == ["a@x.example", "b@x.example"]
    assert {reason for _, reason in found.entries} == {None}
    assert found.unread == []


def test_lines_without_an_address_are_counted_and_some_shown():
    found = reading.read("\n".join(["a@x.example", *(f"line {n}" for n in range(20)), "b@@x"]))

    assert len(found.entries) == 1
    assert found.unread_count == 21
    assert len(found.unread) == reading.SAMPLES


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Hard Bounce", Reason.BOUNCED),
        ("soft_bounce", None),
        ("SpamComplaint", Reason.COMPLAINED),
        ("unsubscribed", Reason.UNSUBSCRIBED),
        ("opt-out", Reason.UNSUBSCRIBED),
        ("provider", Reason.PROVIDER),
        ("tuesday", None),
        ("", None),
    ],
)
def test_reasons_of_other_services_are_known(words, reason):
    assert reading.reason_in(words) == reason


@pytest.mark.parametrize(
    "body", ["ä@x.example".encode("utf-16"), "ä@x.example".encode(), "ä@x.example".encode("cp1252")]
)
def test_files_of_old_programs_are_read(body):
    assert reading.decoded(body) == "ä@x.example"


def test_what_is_no_text_at_all_harms_nothing():
    assert reading.read(reading.decoded(bytes(range(256)) * 40)).entries == []
